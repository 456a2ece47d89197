#!/usr/bin/env python3
"""Print what published .proto files put on the wire, as a tab-separated table.

    derive-wire-table.py NAME CHECKOUT REVISION PATH...

NAME is what the header calls the source, CHECKOUT a local git directory (bare or not), PATH a
.proto inside it. Only those files are read, through `git show`; nothing is fetched, built or
written. berth's own protos are never looked at: WireTableTest holds them against the table.

Rows, sorted:
    message  NAME
    field    MESSAGE  NUMBER  LABEL  TYPE  NAME  ONEOF  OPTIONS
    reserved MESSAGE  FIRST   LAST
    enum     NAME
    value    ENUM     NUMBER  NAME
    service  NAME
    rpc      SERVICE  NAME    REQUEST  RESPONSE  REQUEST-STREAM  RESPONSE-STREAM

Names are fully qualified without a leading dot; LABEL is singular, optional, repeated or map;
OPTIONS are the true ones among deprecated and debug_redact; "-" stands for none.
"""

import re
import subprocess
import sys

TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/"""
    r"""|(?P<token>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|-?\w[\w.]*|\.[A-Za-z_][\w.]*|[{}\[\]()<>=;,:-])""",
    re.DOTALL,
)
SCALARS = set(
    "double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64"
    " bool string bytes".split()
)
KEPT_OPTIONS = ("debug_redact", "deprecated")
LAST_NUMBER = 536870911


class Malformed(Exception):
    """The text is not the proto3 this script reads."""


def tokens_of(text):
    position, found = 0, []
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            raise Malformed(f"offset {position}: unreadable text {text[position:position + 20]!r}")
        if match.group("token"):
            found.append(match.group("token"))
        position = match.end()
    return found


class Parser:
    """One file; collects raw rows whose type names are resolved later, once all files are known."""

    def __init__(self, text):
        self.tokens = tokens_of(text)
        self.at = 0
        self.package = ""
        self.rows = []
        self.types = set()

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self):
        token = self.peek()
        if not token:
            raise Malformed("unexpected end of file")
        self.at += 1
        return token

    def take(self, wanted):
        found = self.next()
        if found != wanted:
            raise Malformed(f"token {self.at}: found {found!r}, wanted {wanted!r}")

    def accept(self, wanted):
        if self.peek() == wanted:
            self.at += 1
            return True
        return False

    def skip_statement(self):
        depth = 0
        while True:
            token = self.next()
            depth += token in "{[(<"
            depth -= token in "}])>"
            if depth == 0 and token in ";}":
                return

    def file(self):
        while self.peek():
            word = self.next()
            if word == "syntax":
                self.take("=")
                if self.next().strip("\"'") != "proto3":
                    raise Malformed("only proto3 is read")
                self.take(";")
            elif word == "package":
                self.package = self.next()
                self.take(";")
            elif word in ("message", "enum", "service"):
                getattr(self, word)(self.package)
            elif word in ("import", "option", "extend"):
                self.skip_statement()
            elif word != ";":
                raise Malformed(f"token {self.at}: unexpected {word!r}")

    def message(self, scope):
        name = f"{scope}.{self.next()}"
        self.types.add(name)
        self.rows.append(["message", name])
        self.take("{")
        self.members(name, "-")

    def members(self, name, oneof):
        while not self.accept("}"):
            word = self.peek()
            if word in ("message", "enum") and self.tokens[self.at + 2] == "{":
                self.next()
                getattr(self, word)(name)
            elif word == "oneof":
                self.next()
                choice = self.next()
                self.take("{")
                self.members(name, choice)
            elif word == "reserved":
                self.next()
                self.reserved(name)
            elif word == "option":
                self.skip_statement()
            elif not self.accept(";"):
                self.field(name, oneof)

    def reserved(self, name):
        while True:
            first = self.next()
            if first[0] in "\"'":
                raise Malformed(f"{name}: reserved names are not read")
            last = first
            if self.accept("to"):
                last = self.next()
            last = LAST_NUMBER if last == "max" else int(last)
            self.rows.append(["reserved", name, str(int(first)), str(last)])
            if not self.accept(","):
                break
        self.take(";")

    def field(self, name, oneof):
        label = "singular"
        if self.peek() in ("repeated", "optional") and self.tokens[self.at + 2] != "=":
            label = self.next()
        kind = self.next()
        if kind == "map" and self.accept("<"):
            label, key = "map", self.next()
            self.take(",")
            kind = [key, self.next()]
            self.take(">")
        else:
            kind = [kind]
        called = self.next()
        self.take("=")
        number = str(int(self.next(), 0))
        options = self.options()
        self.take(";")
        self.rows.append(["field", name, number, label, kind, called, oneof, options])

    def options(self):
        kept = set()
        if self.accept("["):
            while not self.accept("]"):
                option = self.next()
                if option in KEPT_OPTIONS:
                    self.take("=")
                    if self.next() == "true":
                        kept.add(option)
        return ",".join(sorted(kept)) or "-"

    def enum(self, scope):
        name = f"{scope}.{self.next()}"
        self.types.add(name)
        self.rows.append(["enum", name])
        self.take("{")
        while not self.accept("}"):
            if self.peek() in ("option", "reserved"):
                self.skip_statement()
                continue
            called = self.next()
            self.take("=")
            number = str(int(self.next(), 0))
            self.options()
            self.take(";")
            self.rows.append(["value", name, number, called])

    def service(self, scope):
        name = f"{scope}.{self.next()}"
        self.rows.append(["service", name])
        self.take("{")
        while not self.accept("}"):
            if self.accept(";"):
                continue
            if self.peek() == "option":
                self.skip_statement()
                continue
            self.take("rpc")
            called = self.next()
            request, request_stream = self.rpc_type()
            self.take("returns")
            response, response_stream = self.rpc_type()
            if self.peek() == "{":
                self.skip_statement()
            else:
                self.take(";")
            self.rows.append(
                ["rpc", name, called, [request], [response], request_stream, response_stream]
            )

    def rpc_type(self):
        self.take("(")
        kind, stream = self.next(), "unary"
        if kind == "stream" and self.peek() != ")":
            kind, stream = self.next(), "stream"
        self.take(")")
        return kind, stream


def resolve(kind, scope, types):
    """The full name that protobuf's scoping, innermost first, gives to a type as written."""
    if kind in SCALARS:
        return kind
    if kind.startswith("."):
        return kind[1:]
    parts = scope.split(".")
    for depth in range(len(parts), -1, -1):
        candidate = ".".join(parts[:depth] + [kind])
        if candidate in types:
            return candidate
    if kind.startswith("google.protobuf."):
        return kind
    raise Malformed(f"{scope}: type {kind} is in none of the files given")


def parse(texts):
    parsers = [Parser(text) for text in texts]
    for parser in parsers:
        parser.file()
    types = set().union(*(parser.types for parser in parsers))
    rows = []
    for parser in parsers:
        for row in parser.rows:
            rows.append(
                [
                    ",".join(resolve(kind, row[1], types) for kind in cell)
                    if isinstance(cell, list)
                    else cell
                    for cell in row
                ]
            )
    return rows


def git(checkout, *arguments):
    return subprocess.run(
        ["git", "-C", checkout, *arguments], check=True, capture_output=True, text=True
    ).stdout


def main(arguments):
    if len(arguments) < 4:
        sys.exit(__doc__)
    name, checkout, revision, *paths = arguments
    commit, date = git(checkout, "log", "-1", "--format=%H %cI", revision).split()
    rows = parse(git(checkout, "show", f"{commit}:{path}") for path in paths)
    print(f"# source: {name}\n# commit: {commit}\n# date: {date}")
    for path in paths:
        print(f"# file: {path}")
    for line in sorted("\t".join(row) for row in rows):
        print(line)


if __name__ == "__main__":
    main(sys.argv[1:])
