from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perezvon.foundation.files.names import KINDS, LONGEST_NAME, check_kind, clean_name, is_what_it_says
from perezvon.kernel.checks import Wrong


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Договор № 5.pdf", "Договор № 5.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\scan.png", "scan.png"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("two\r\nlines\t.txt", "two lines .txt"),
        ("zero\0byte.txt", "zero byte.txt"),
        ("  . hidden ", "hidden"),
        ("...", "file"),
        ("", "file"),
        (f"{'я' * 300}.docx", f"{'я' * (LONGEST_NAME - 5)}.docx"),
    ],
)
def test_a_name_is_made_safe(given_name, kept):
    assert clean_name(given_name) == kept


@given(st.text(max_size=400))
def test_whatever_is_sent_the_name_can_be_kept_shown_and_saved(text):
    name = clean_name(text)

    assert 1 <= len(name) <= LONGEST_NAME
    assert not {"/", "\\"} & set(name)
    assert not any(unicodedata.category(sign).startswith("C") for sign in name)
    assert clean_name(name) == name


HEADS = {
    "pdf": b"%PDF-1.7 ...",
    "png": b"\x89PNG\r\n\x1a\n....",
    "jpg": b"\xff\xd8\xff\xe0",
    "docx": b"PK\x03\x04....",
    "txt": "Привет".encode(),
    "csv": "а;б\n".encode("cp1251"),
}


@pytest.mark.parametrize(("ending", "head"), HEADS.items())
def test_what_is_what_it_says_is_taken(ending, head):
    check_kind(f"paper.{ending.upper()}", head, KINDS)


@pytest.mark.parametrize(
    ("name", "head", "code"),
    [
        ("run.exe", b"MZ\x90", "file.kind"),
        ("page.html", b"<html>", "file.kind"),
        ("nothing", b"text", "file.kind"),
        ("paper.pdf", b"MZ\x90\0", "file.mismatch"),
        ("paper.pdf", b"<html><script>", "file.mismatch"),
        ("face.png", b"\xff\xd8\xff\xe0", "file.mismatch"),
        ("notes.txt", b"<!DOCTYPE html><script>", "file.mismatch"),
        ("notes.txt", b"#!/bin/sh", "file.mismatch"),
        ("notes.xml", b"\n <svg onload=x>", "file.mismatch"),
        ("notes.csv", b"a\0b", "file.mismatch"),
        ("mail.p7s", b"\x7fELF", "file.mismatch"),
    ],
)
def test_what_is_something_else_is_told(name, head, code):
    with pytest.raises(Wrong) as refused:
        check_kind(name, head, KINDS)
    assert refused.value.code == code


@given(st.sampled_from(KINDS), st.binary(max_size=64))
def test_no_content_breaks_the_look_at_it(ending, head):
    assert is_what_it_says(ending, head) in {True, False}
