//! `convert --format sql`, and the same with `export` and `export-all`.

use super::Home;

const DOMAIN: &str = r#"[
    {"itemName":"e1","attributes":[{"name":"age","values":["030"]},
        {"name":"pay","values":["1.50"]},{"name":"skill","values":["it's","sql"]}]},
    {"itemName":"e2","attributes":[{"name":"Age","values":[""]}]}
]"#;

const TYPES: &str = r#"{"Staff": {
    "age": {"type": "integer", "encoding": "padded", "width": 3},
    "pay": {"type": "decimal(3,2)", "encoding": "fixed-point"},
    "skill": {"type": "text", "multiValued": true},
    "Age": "text"
}}"#;

#[test]
fn writes_a_script_for_each_database() {
    let home = Home::new();
    let directory = home.export_local("Staff", DOMAIN);
    home.write("types.json", TYPES);
    let convert = |dialect: &str| {
        let arguments = [
            "convert",
            &directory,
            "--format=sql",
            "--types=types.json",
            dialect,
        ];
        home.run(&arguments)
    };
    convert("--dialect=sqlite").assert(
        0,
        r#"-- To load this into SQLite: sqlite3 DATABASE < FILE
.bail on
BEGIN;
CREATE TABLE "Staff" (
  "itemName" TEXT NOT NULL,
  "age" INTEGER,
  "pay" TEXT,
  "Age_2" TEXT,
  PRIMARY KEY ("itemName")
);
CREATE TABLE "Staff_skill" (
  "itemName" TEXT NOT NULL,
  "position" INTEGER NOT NULL,
  "value" TEXT NOT NULL,
  PRIMARY KEY ("itemName", "position"),
  FOREIGN KEY ("itemName") REFERENCES "Staff" ("itemName")
);
INSERT INTO "Staff" ("itemName", "age", "pay", "Age_2") VALUES
('e1',30,'1.50',NULL),
('e2',NULL,NULL,'');
INSERT INTO "Staff_skill" ("itemName", "position", "value") VALUES
('e1',1,'it''s'),
('e1',2,'sql');
COMMIT;
"#,
        "simpledb-export: attribute pay: written as text: SQLite has no exact decimals\n\
         simpledb-export: \"Age\" was renamed to \"Age_2\": the database does not accept it, or \
         does not distinguish it from another name\n",
    );
    let postgres = convert("--dialect=postgres");
    assert_eq!((postgres.code, &*postgres.stderr), (Some(0), ""));
    let copy = "COPY \"Staff\" (\"itemName\", \"age\", \"pay\", \"Age\") FROM stdin;\n\
                e1\t30\t1.50\t\\N\ne2\t\\N\t\\N\t\n\\.\n";
    assert!(postgres.stdout.contains(copy), "{}", postgres.stdout);
    let mysql = convert("--dialect=mysql");
    let insert = "INSERT INTO `Staff` (`itemName`, `age`, `pay`, `Age_2`) VALUES\n\
                  ('e1',30,1.50,NULL),\n('e2',NULL,NULL,'');\n";
    assert!(mysql.stdout.contains(insert), "{}", mysql.stdout);
}

#[test]
fn requires_a_dialect_before_anything_is_exported() {
    let home = Home::new();
    for arguments in [
        &["convert", "none", "--format=sql"][..],
        &["export", "--local", "--to=out", "--format=sql"],
        &[
            "export-all",
            "--local",
            "--to=out",
            "--format=sql",
            "--state=state.json",
        ],
    ] {
        home.run(arguments).assert(
            252,
            "",
            "simpledb-export: --format sql needs --dialect: sqlite, postgres or mysql\n",
        );
    }
    assert!(!home.path().join("out").exists());
}

#[test]
fn writes_a_script_per_domain_named_as_its_table() {
    let home = Home::new();
    home.write("domains/One.json", DOMAIN);
    home.write("domains/Two.json", "[]");
    let arguments = [
        "export-all",
        "--local",
        "--domains=domains",
        "--state=state.json",
        "--to=out",
        "--format=sql",
        "--dialect=postgres",
        "--key-name=id",
    ];
    let ran = home.run(&arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let one = home.read("out/One.sql");
    assert!(
        one.contains("COPY \"One_skill\" (\"id\", \"position\", \"value\")"),
        "{one}"
    );
    let two = home.read("out/Two.sql");
    assert!(
        two.contains("CREATE TABLE \"Two\" (\n  \"id\" TEXT NOT NULL\n);\n"),
        "{two}"
    );
}
