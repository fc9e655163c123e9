# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenAPI file, for tests: whether an answer is one that it describes."""
import json
import re
from pathlib import Path

import jsonschema

FILE = Path(__file__).resolve().parents[2] / "resources" / "api" / "openapi.json"
# A request that is not good HTTP, or has a method that the path does not take: described for all paths at once.
ON_ANY_PATH = {400, 405, 408, 413, 417, 431, 501, 505}


class ApiDescription:
    def __init__(self):
        self.document = json.loads(FILE.read_text(encoding="utf-8"))
        self._resolver = jsonschema.RefResolver("", self.document)
        self._paths = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path.rstrip("/")) + "/?"), item)
                       for path, item in self.document["paths"].items()]
        # "…/decisions/top" before "…/{anything}", as the server decides.
        self._paths.sort(key=lambda entry: entry[0].pattern.count("[^/]+"))

    def follow(self, value):
        """The value, or what it refers to."""
        if "$ref" in value:
            return self._resolver.resolve(value["$ref"])[1]
        return value

    def operation(self, method, target):
        """The description of a request; None if there is none."""
        path = target.partition("?")[0]
        for pattern, item in self._paths:
            if pattern.fullmatch(path):
                return item.get("get" if method == "HEAD" else method.lower())
        return None

    def objections(self, value, schema):
        """What is wrong with a JSON value, one sentence each."""
        validator = jsonschema.Draft202012Validator(schema, resolver=self._resolver)
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(value)]

    def check(self, method, target, answer):
        """Raises AssertionError if the answer is none that the file describes. `answer` has status, headers and body."""
        operation = self.operation(method, target)
        if operation is None:
            return
        described = operation["responses"].get(str(answer.status))
        if described is None:
            assert answer.status in ON_ANY_PATH, f"{method} {target} may answer {answer.status}, says the server alone"
            return
        described = self.follow(described)
        content = described.get("content", {})
        kind = answer.headers.get("content-type", "").partition(";")[0]
        assert (kind in content) if content else not kind, f"{method} {target} answers {answer.status} as {kind!r}"
        if kind.endswith("json") and method != "HEAD":
            found = self.objections(json.loads(answer.body), content[kind]["schema"])
            assert not found, f"{method} {target} {answer.status}: {found}"
        if kind == "application/problem+json" and method != "HEAD" and answer.status not in ON_ANY_PATH:
            code = json.loads(answer.body)["code"]
            assert f"`{code}`" in described["description"], f"{method} {target} {answer.status}: {code} is not named"
