"""Secrets are found where they stand, told by their kind, and never repeated; ordinary source has none."""

from __future__ import annotations

from pathlib import Path

import pytest
import sklearn

from hermetic.evidence.source.secrets import find_secrets

# Put together here, so that no scanner of repositories takes this file for one that leaks.
SECRETS = {
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a key of AWS": "client('s3', aws_access_key_id='AKIA" + "IOSFODNN7EXAMPLE')",
    "a token of GitHub": "git clone https://x/ # ghp_" + "a1B2c3D4e5" * 4,
    "a token of GitLab": "glpat-" + "a1B2c3D4e5" * 2,
    "a token of Slack": "xoxb-" + "123456789012-abcdef",
    "an address of Slack": "https://hooks.slack.com/services/" + "T00000000/B00000000/XXXXXXXX",
    "a key of Google": "AIza" + "a1B2c3D4e5" * 3 + "abcde",
    "a token of Google": "ya29." + "a1B2c3D4e5" * 3,
    "a key of Stripe": "sk_live_" + "a1B2c3D4e5" * 2,
    "a token of PyPI": "pypi-" + "AgEIcHlwaS5vcmc" * 4,
    "a token of npm": "npm_" + "a1B2c3D4e5" * 3 + "abcdef",
    "a token of Hugging Face": "login('hf_" + "aBcDeFgHiJ" * 3 + "kLmN')",
    "a key of OpenAI or Anthropic": "sk-ant-" + "a1B2c3D4e5" * 3,
    "a key of SendGrid": "SG." + "a1B2c3D4e5f6g7h8" + "." + "a1B2c3D4e5f6g7h8",
    "a key of an Azure storage account": "AccountKey=" + "a1B2c3D4e5" * 8 + "==",
    "a signed address of Azure": "read_csv('https://x.blob/y.csv?sv=1&sig=" + "a1B2c3D4e5" * 4 + "')",
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".abc",
    "an address with a password": "create_engine('postgresql://ann:" + "pa55w0rd@host/base')",
    "a token in a header": "headers = {'Authorization': 'Bearer " + "a1B2c3D4e5" * 3 + "'}",
    "a value for a name like password": "connect(host, password='" + "k3?Zp!x9" + "')",
}


@pytest.mark.parametrize("what", SECRETS)
def test_a_secret_is_found_and_told_by_its_kind(what: str):
    text = f"import pandas\n\n{SECRETS[what]}\nmodel.fit(X, y)\n"
    assert [(secret.line, secret.what) for secret in find_secrets(text)] == [(3, what)]
    assert SECRETS[what] not in repr(find_secrets(text))


ASSIGNMENTS = [
    "PASSWORD = '{}'",
    'db_password: str = "{}"',
    "config['api_key'] = '{}'",
    '"client_secret": "{}",',
    "os.environ['HF_TOKEN'] = '{}'",
    "auth_key=b'{}'",
    "setdefault('apikey', '{}')",
]


@pytest.mark.parametrize("form", ASSIGNMENTS)
def test_a_value_given_to_such_a_name_is_found_in_each_form(form: str):
    assert len(find_secrets(form.format("k3?Zp!x9Qw"))) == 1


HARMLESS = [
    "password = os.environ['PASSWORD']",
    "password = getpass.getpass('Password: ')",
    "token_pattern=r'(?u)\\b\\w\\w+\\b'",
    "TfidfVectorizer(token_pattern='[a-z]+')",
    "api_key = '<your key here>'",
    "api_key = 'YOUR_API_KEY'",
    "secret = '********'",
    "password = 'changeme'",
    "url = 'https://user:{password}@host/'",
    "url = f'postgresql://{user}:{password}@{host}/base'",
    "client = Client(token=token)",
    "max_tokens = 100",
    "digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'",
    "X = df[['access_key_count', 'n_tokens']]",
    "tokens = ['token', 'secret_santa']",
]


@pytest.mark.parametrize("line", HARMLESS)
def test_ordinary_lines_are_no_secrets(line: str):
    assert find_secrets(line) == []


def test_the_source_of_a_whole_library_has_none():
    folder = Path(sklearn.__file__).parent
    found = {
        f"{path.name}:{secret.line} {secret.what}"
        for path in folder.rglob("*.py")
        if "tests" not in path.parts
        for secret in find_secrets(path.read_text(encoding="utf-8"))
    }
    assert found == set()


HOSTILE = {
    "one letter": "a" * 2_000_000,
    "names": "password" * 200_000,
    "addresses": "://" * 500_000,
    "dots": "eyJ." * 300_000,
    "letters of a key": "A" * 2_000_000,
    "words": "sk-" * 500_000,
}


@pytest.mark.parametrize("which", HOSTILE)
def test_a_hostile_text_is_searched_to_its_end(which: str):
    # A search that runs back and forth takes hours for these.
    assert [secret.line for secret in find_secrets(f"{HOSTILE[which]}\npassword = 'k3?Zp!x9Qw'")] == [2]
