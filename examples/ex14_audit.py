"""A thermodynamic audit: constants as printed in a paper, against detailed balance."""

from transport_model import audit, load_model

findings = {name: audit(load_model(name)) for name in ("oocyte", "oocyte_published")}
broken = {name: table[table["verdict"] == "broken"] for name, table in findings.items()}

if __name__ == "__main__":
    for name, table in findings.items():
        print(name, dict(table["verdict"].astype(str).value_counts()))
    print(broken["oocyte_published"][["check", "subject", "factor"]].to_string(index=False))
