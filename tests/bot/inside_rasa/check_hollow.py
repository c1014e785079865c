"""components/hollow.py: what is left out can be named while Rasa is imported, and never used."""

# ruff: noqa: PT009, PT027 - written for unittest: there is no pytest in the environment of Rasa

import os
import sys
import unittest
import unittest.mock

import tests.bot.inside_rasa  # noqa: F401 # isort: skip - puts the Rasa project on the path

from components import hollow

hollow.leave_out(["not_installed_anywhere"])
import not_installed_anywhere  # noqa: E402 - only once it is hollow
from not_installed_anywhere import Base, decorator  # noqa: E402
from not_installed_anywhere.inside import Error, deep  # noqa: E402


class Hollow(unittest.TestCase):
    def setUp(self) -> None:
        self.addCleanup(setattr, hollow._State, "is_sealed", False)

    def test_a_class_can_derive_from_what_was_left_out(self) -> None:
        class Mine(Base):
            answer = 42

        self.assertEqual(Mine().answer, 42)

    def test_a_decorator_gives_back_what_it_decorates(self) -> None:
        @decorator
        def plain() -> str:
            return "plain"

        @not_installed_anywhere.parts.decorator(option=1)
        def configured() -> str:
            return "configured"

        self.assertEqual((plain(), configured()), ("plain", "configured"))

    def test_an_except_clause_stays_valid(self) -> None:
        with self.assertRaises(ZeroDivisionError):
            try:
                raise ZeroDivisionError
            except Error:
                self.fail("a hollow class catches nothing")

    def test_once_sealed_it_says_what_is_missing(self) -> None:
        hollow.seal()
        with self.assertRaisesRegex(hollow.HollowError, "not_installed_anywhere was left out"):
            _ = not_installed_anywhere.anything
        with self.assertRaises(hollow.HollowError):
            _ = deep.anything

    def test_what_is_already_imported_is_refused(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "unittest"):
            hollow.leave_out(["unittest"])

    def test_it_can_be_switched_off(self) -> None:
        with unittest.mock.patch.dict(os.environ, {hollow.SWITCH: "0"}):
            self.assertFalse(hollow.leave_out(["another_absent_package"]))
        with self.assertRaises(ModuleNotFoundError):
            __import__("another_absent_package")

    def test_rasa_is_imported_without_tensorflow(self) -> None:
        import rasa.core.agent  # noqa: F401, PLC0415

        # A hollow module comes from no file.
        self.assertFalse(hasattr(sys.modules["tensorflow"], "__file__"))


if __name__ == "__main__":
    unittest.main()
