"""Files of the demo city are read back as written."""

import tomllib

from tools.demo_city.files import toml_table


def test_toml_is_read_back_as_written():
    values = {"a": 'x"y\\', "b": 1.5, "c": ["中", "b"], "d": {"名": "值", "e": 2}}
    assert tomllib.loads(toml_table(values)) == values
