"""Constants of nature, with the digits that the shipped models' ``F`` and ``R`` have.

CODATA 2018 [1]_ as printed with ten digits. Both are exact in today's SI; the digits left out,
which ``scipy.constants`` has, change no number by more than 4e-11 of itself.

.. [1] Tiesinga, Mohr, Newell & Taylor, Rev. Mod. Phys. 93, 025010 (2021).
"""

#: Faraday's constant [C/mol].
FARADAY = 96485.33212
#: Molar gas constant [J/(mol·K)].
GAS = 8.314462618
