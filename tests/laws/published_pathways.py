"""Published pathways, written anew from their papers: what other engines are asked as well."""

from __future__ import annotations

#: Rohwer & Botha 2001, Biochem J 358:437: sucrose in the stalk of sugar cane [mM, min].
#: Glucokinase and fructokinase as the authors revised them: two substrates of one enzyme.
SUGAR_CANE = """model sugar_cane
 species Fru = 1, Glc = 1, HexP = 1, Suc6P = 1, Suc = 1
 UDPGlc := 0.8231*HexP; G6P := 0.1130*HexP; F6P := 0.0575*HexP
 ATP = 1; ADP = 0.2; UDP = 0.2; Pi = 5.1; Fru_ex = 5; Glc_ex = 5
 Vmax1 = 0.286; Vmax3 = 0.197; Vmax5 = 0.164; Vmax6 = 0.379; Vmax8 = 0.677; Vmax9 = 0.372
 Vmax11 = 1; Ki1 = 1; Keq6 = 10; Keq8 = 5
 enzyme := (1 + ATP/0.25)*(1 + Glc/0.07 + Fru/10 + G6P/0.1 + F6P/10)
 forward6 := F6P*UDPGlc*(1 + Suc6P/0.07) + 0.6*(1 + Pi/3)*(UDPGlc + 1.4) + 1.8*F6P
 back6 := 0.3*Suc6P*(1 + UDPGlc/1.4) + UDP*(empty6 + Suc6P*(1 + F6P/0.4))
 empty6 := 0.1*(1 + 1.8*F6P/(1.4*0.6*(1 + Pi/3)))
 forward8 := Suc*UDP*(1 + Fru/4) + 50*(UDP + 0.3) + 0.3*Suc
 back8 := 0.3*Fru*(1 + UDP/0.3) + UDPGlc*(4*(1 + 0.3*Suc/(0.3*50)) + Fru*(1 + Suc/40))
 fructose_in: -> Fru; Vmax1*Fru_ex/(0.2*(1 + Fru/Ki1) + Fru_ex)
 glucose_in: -> Glc; 0.286*Glc_ex/(0.2*(1 + Glc/1) + Glc_ex)
 glucokinase: Glc -> HexP; Vmax3*Glc/0.07*ATP/0.25/enzyme
 fructokinase: Fru -> HexP; Vmax3*Fru/10*ATP/0.25/enzyme
 own := (1 + Fru/0.1)*(1 + ATP/0.085) + ADP/2
 fructokinase_2: Fru -> HexP; Vmax5/(1 + Fru/12)*Fru/0.1*ATP/0.085/own
 both6 := forward6 + Vmax6/(0.2*Keq6)*back6
 SPS: 2 HexP -> Suc6P; Vmax6*(F6P*UDPGlc - Suc6P*UDP/Keq6)/both6
 SPase: Suc6P -> Suc; 0.5*Suc6P/(0.1 + Suc6P)
 both8 := forward8 + Vmax8/(0.3*Keq8)*back8
 SuSy: HexP + Fru -> Suc; -Vmax8*(Suc*UDP - Fru*UDPGlc/Keq8)/both8
 invertase: Suc -> Glc + Fru; Vmax9/(1 + Glc/15)*Suc/(10*(1 + Fru/15) + Suc)
 glycolysis: HexP -> ; 0.1*F6P/(0.2 + F6P)
 vacuole: Suc -> ; Vmax11*Suc/(100 + Suc)
end
"""
#: Markevich et al. 2004, J Cell Biol 164:353, two phosphorylations in order [nM, s].
MAPK = """model mapk
 species M = 500, Mp = 0, Mpp = 0
 kinase = 50; phosphatase = 100
 k1 = 0.01; Km1 = 50; k2 = 15; Km2 = 500; k3 = 0.084; Km3 = 22; k4 = 0.06; Km4 = 18; Km5 = 78
 free := 1 + M/Km1 + Mp/Km2
 free_phosphatase := 1 + Mpp/Km3 + Mp/Km4 + M/Km5
 first: M -> Mp; k1*kinase*M/Km1/free
 second: Mp -> Mpp; k2*kinase*Mp/Km2/free
 third: Mpp -> Mp; k3*phosphatase*Mpp/Km3/free_phosphatase
 fourth: Mp -> M; k4*phosphatase*Mp/Km4/free_phosphatase
end
"""
TEXTS = {"sugar_cane": SUGAR_CANE, "mapk": MAPK}
