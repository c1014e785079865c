from cryptography.fernet import Fernet

from records.codes import ALPHABET, Codes, as_written

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def test_a_code_is_always_the_same_for_its_callback_and_no_other() -> None:
    codes = Codes(OLD)
    code = codes.code("a", codes.sealed("a"))
    assert code == codes.code("a", codes.sealed("a"))
    assert code is not None
    assert code != codes.code("b", codes.sealed("b"))
    assert len(code) == 9
    assert set(code) - {"-"} <= set(ALPHABET)


def test_only_its_code_opens_a_callback() -> None:
    codes = Codes(OLD)
    sealed = codes.sealed("a")
    code, other = codes.code("a", sealed), codes.code("b", codes.sealed("b"))
    assert code is not None
    assert other is not None
    assert codes.fits("a", sealed, code)
    assert not codes.fits("a", sealed, other)
    assert not codes.fits("a", codes.sealed("b"), code)
    assert not codes.fits("a", "", "")


def test_the_hash_does_not_hold_the_code() -> None:
    codes = Codes(OLD)
    code = codes.code("a", codes.sealed("a"))
    assert code is not None
    assert code.replace("-", "") not in codes.sealed("a").upper()
    assert Codes(NEW).code("a", codes.sealed("a")) is None, "nor can it be found without the key"


def test_a_code_outlives_a_change_of_key() -> None:
    sealed = Codes(OLD).sealed("a")
    code = Codes(OLD).code("a", sealed)
    rotated = Codes(f"{NEW},{OLD}")
    assert code is not None
    assert rotated.code("a", sealed) == code
    assert rotated.fits("a", sealed, code)


def test_what_is_typed_may_have_spaces_small_letters_and_digits_of_any_script() -> None:
    assert as_written(" k7mf 3q9d ") == "K7MF-3Q9D"
    assert as_written("K7MF3Q9D") == "K7MF-3Q9D"
    assert as_written("K٧MF–٣Q٩D") == "K7MF-3Q9D"
    assert as_written("Ｋ７ＭＦ－３Ｑ９Ｄ") == "K7MF-3Q9D"
