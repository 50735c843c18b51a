"""Settings: the environment before .env before the file; secrets are named; mistakes are told in one line."""

import sys
from pathlib import Path

import pytest

from cockpit.settings import Settings, SettingsError, load


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, without settings."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def loaded(file: str) -> Settings:
    Path("cockpit.toml").write_text(file, encoding="utf-8")
    return load()


def refusal(file: str) -> str:
    with pytest.raises(SettingsError) as refused:
        loaded(file)
    return str(refused.value)


def test_without_a_file_the_published_limits_hold_and_nothing_is_decided() -> None:
    settings = load()
    assert (settings.target.base_url, settings.target.api_key) == ("https://api.workos.com", None)
    assert (settings.target.writes_per_10s, settings.target.reads_per_10s) == (500, 1000)
    assert (settings.imports.on_conflict, settings.passwords.without_hash) == ("ask", "ask")
    assert (settings.provider, settings.state) == (None, Path("cockpit.db"))


def test_the_environment_wins_over_dotenv_and_dotenv_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    file = '[target]\nbase_url = "http://file.example"\nclient_id = "client_file"\nwrites_per_10s = 7\n'
    Path(".env").write_text("WORKOS_BASE_URL=http://dotenv.example\nWORKOS_CLIENT_ID=client_dotenv\n")
    monkeypatch.setenv("WORKOS_BASE_URL", "http://environment.example")
    target = loaded(file).target
    assert target.base_url == "http://environment.example"
    assert target.client_id == "client_dotenv"
    assert target.writes_per_10s == 7


def test_both_names_of_the_key_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORKOS_SECRET_KEY", "WORKOS_API_KEY"):
        monkeypatch.setenv(name, f"sk_from_{name}")
        key = load().target.api_key
        assert key is not None
        assert key.get_secret_value() == f"sk_from_{name}"


def test_an_applications_own_variables_are_not_taken_for_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASE_URL", "API_KEY", "CLIENT_ID", "TIMEOUT_S"):
        monkeypatch.setenv(name, "7")
    Path(".env").write_text("BASE_URL=http://my-own-app.example\nAPI_KEY=mine\n")
    target = load().target
    assert (target.base_url, target.api_key, target.client_id) == ("https://api.workos.com", None, None)
    assert target.timeout_s == 30


@pytest.mark.parametrize("written", ["sk_live_in_the_file", "sk:with:colons"])
def test_a_secret_written_out_in_the_file_is_refused_and_not_repeated(written: str) -> None:
    said = refusal(f'[target]\napi_key = "{written}"\n')
    assert "a secret is not written in cockpit.toml" in said
    assert written not in said
    assert written not in refusal(f'[target]\nWORKOS_API_KEY = "{written}"\n')


def test_a_secret_may_lie_in_the_environment_under_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    file = '[target]\napi_key = "env:STAGING_KEY"\n'
    assert refusal(file) == "[target] api_key: Value error, the environment has no STAGING_KEY"
    Path(".env").write_text("STAGING_KEY=sk_staging\n")
    key = loaded(file).target.api_key
    assert key is not None
    assert key.get_secret_value() == "sk_staging"


def test_without_the_extra_a_keyrings_secret_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "pip install 'cockpit[keyring]'" in refusal('[target]\napi_key = "keyring:staging"\n')


def test_an_entry_that_the_keyring_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Keyring:
        @staticmethod
        def get_password(service: str, name: str) -> str | None:
            return "sk_kept" if (service, name) == ("cockpit", "there") else None

    monkeypatch.setitem(sys.modules, "keyring", Keyring)
    assert "the keyring has no entry cockpit/gone" in refusal('[target]\napi_key = "keyring:gone"\n')
    key = loaded('[target]\napi_key = "keyring:there"\n').target.api_key
    assert key is not None
    assert key.get_secret_value() == "sk_kept"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (
            "[imports]\n",
            "unknown table [imports]; "
            "known: connections, factors, import, mapping, passwords, proxy, rollout, source, target",
        ),
        ("target = 3\n", "target is a table; write it as [target]"),
        ("[target\n", "not TOML"),
        ("[target]\nwrites_per_1s = 3\n", "[target] writes_per_1s: no such setting; known: api_key"),
        ("[target]\nwrites_per_10s = -1\n", "[target] writes_per_10s: "),
        ("[target]\ntimeout_s = 0\n", "[target] timeout_s: "),
        ('[import]\non_conflict = "overwrite"\n', "[import] on_conflict: Input should be 'ask', 'adopt' or"),
        ("[import]\nbatch_size = 0\n", "[import] batch_size: "),
        ("[import]\nbatchsize = 5\n", "[import] batchsize: "),
        ('[passwords]\nwithout_hash = "drop"\n', "[passwords] without_hash: "),
        ('[mapping]\nbanned = "drop"\n', "[mapping] banned: Input should be 'import' or 'hold'"),
        ('[mapping]\nblocked = "hold"\n', "[mapping] blocked: "),
        ('[mapping]\nmetadata = "plan"\n', "[mapping] metadata: "),
        (
            '[passwords.columns]\nhsh = "digest"\n',
            "hsh: nothing of that name is read; known: id, email, hash",
        ),
        (
            "[factors.columns]\nsecrt = 'x'\n",
            "secrt: nothing of that name is read; known: id, email, connection",
        ),
        ('[passwords.columns]\nhash = ""\n', "a column without a name"),
        ('[passwords.columns]\nhash = "type"\n', "one column for two things"),
    ],
)
def test_a_mistake_is_told_with_its_place(file: str, said: str) -> None:
    assert said in refusal(file)


def test_whoever_the_source_lets_nobody_be_is_held_unless_it_is_said_otherwise() -> None:
    assert load().mapping.held == ("deleted", "banned", "anonymous", "unconfirmed")
    mapping = loaded('[mapping]\nbanned = "import"\nunverified = "hold"\nfederated = "hold"\n').mapping
    assert mapping.held == ("deleted", "anonymous", "unconfirmed", "federated", "unverified")


def test_a_named_file_must_be_there_and_the_usual_one_need_not(folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"other\.toml: No such file"):
        load(Path("other.toml"))
    load()
    with pytest.raises(SettingsError, match="not TOML"):
        Path("binary.toml").write_bytes(b"\xff\xfe\x00")
        load(Path("binary.toml"))


def test_the_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKOS_API_KEY", "sk_very_secret")
    assert "sk_very_secret" not in repr(load()) + str(load().target)


RULE = '[[rules]]\ncause = "lint:email_syntax"\n'


def test_fix_rules_are_read_in_their_order() -> None:
    rules = loaded(f'{RULE}action = "trim"\nfield = "email"\n\n{RULE}action = "unverified"\n').rules
    assert [(rule.cause, rule.action, rule.field) for rule in rules] == [
        ("lint:email_syntax", "trim", "email"),
        ("lint:email_syntax", "unverified", "email_verified"),
    ]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (RULE, "[rules, 1] action: Field required"),
        (f'{RULE}action = "shout"\n', "[[rules]], 1: no action 'shout'"),
        (f'{RULE}action = "unverified"\n{RULE}action = "lower"\n', "[[rules]], 2: lower needs a field"),
        (f'{RULE}action = "trim"\nfield = "email"\nwhen = "now"\n', "[rules, 1] when: Extra inputs"),
        ("[rules]\n", "write each as [[rules]]"),
        ("rules = [1]\n", "[[rules]], 1:"),
    ],
)
def test_a_rule_that_makes_no_sense_is_told_by_its_number(file: str, said: str) -> None:
    assert said in refusal(file)
