"""Names of people and companies from many places, each as an address has it, and mail domains."""

FIRST_NAMES: tuple[tuple[str, str], ...] = (
    ("Ana", "ana"), ("Zoë", "zoe"), ("José", "jose"), ("Łukasz", "lukasz"), ("Søren", "soren"),
    ("Priya", "priya"), ("Ólafur", "olafur"), ("Nguyễn", "nguyen"), ("Chloé", "chloe"), ("Иван", "ivan"),
    ("美咲", "misaki"), ("지훈", "jihoon"), ("محمد", "mohamed"), ("שרה", "sara"), ("Ελένη", "eleni"),
    ("Grace", "grace"), ("Alan", "alan"), ("Barbara", "barbara"), ("Linus", "linus"), ("Ida", "ida"),
    ("Kwame", "kwame"), ("Ayşe", "ayse"), ("Björn", "bjorn"), ("Siobhán", "siobhan"), ("João", "joao"),
    ("Mary Ann", "maryann"), ("Jean-Luc", "jean-luc"), ("Wei", "wei"), ("Fatima", "fatima"), ("Noah", "noah"),
)  # fmt: skip

LAST_NAMES: tuple[tuple[str, str], ...] = (
    ("Díaz", "diaz"), ("O'Neill", "oneill"), ("Müller", "mueller"), ("Kowalczyk", "kowalczyk"),
    ("Þórsdóttir", "thorsdottir"), ("Sørensen", "sorensen"), ("Patel", "patel"), ("Trần", "tran"),
    ("佐藤", "sato"), ("김", "kim"), ("الحسن", "alhassan"), ("Иванова", "ivanova"), ("Παππάς", "pappas"),
    ("Hopper", "hopper"), ("Turing", "turing"), ("Liskov", "liskov"), ("van der Berg", "vanderberg"),
    ("Smith", "smith"), ("Okonkwo", "okonkwo"), ("Yılmaz", "yilmaz"), ("Nováková", "novakova"),
    ("de la Cruz", "delacruz"), ("Åkesson", "akesson"), ("Garcia-Lopez", "garcia-lopez"),
)  # fmt: skip

DOMAINS: tuple[str, ...] = (
    "example.com", "example.org", "example.net", "acme.example", "globex.example", "initech.example",
    "umbrella.example", "hooli.example", "mail.example", "post.example",
)  # fmt: skip

COMPANIES: tuple[tuple[str, str], ...] = (
    ("Acme", "acme"), ("Globex", "globex"), ("Initech", "initech"), ("Ångström & Söhne", "angstrom"),
    ("Tyrell", "tyrell"), ("株式会社さくら", "sakura"), ("O'Neill Brothers", "oneill"), ("Umbra", "umbra"),
    ("Café du Port", "cafe-du-port"), ("Вектор", "vektor"), ("Hooli", "hooli"), ("Nakatomi", "nakatomi"),
    ('"Quoted", Inc', "quoted"), ("Ĉiutage", "ciutage"), ("Wayne", "wayne"), ("الواحة", "alwaha"),
)  # fmt: skip

LEGAL_FORMS: tuple[str, ...] = ("Ltd", "GmbH", "SA", "Oy", "BV", "plc", "Labs", "Group")
