#!/usr/bin/env python3
"""Checks Config/schemas and Config/asyncapi.yaml, and messages against them.

    check_schemas.py schemas             every schema is one, and its references lead somewhere
    check_schemas.py examples            every example is valid, and none is any more when something of it is broken
    check_schemas.py asyncapi            what the document refers to is there; README's topics and the grammar's are in it
    check_schemas.py types FILE          the event types of FILE (JSON: {"group.name": ["member", …]}) are described, and no others
    check_schemas.py messages FILE...    lines `topic payload`, as `mosquitto_sub -v` writes them, are valid; prints a
                                         count for each schema and event type

Prints what is wrong and ends with status 1; status 77 where Python's jsonschema or yaml is missing.
"""

import collections
import copy
import json
import pathlib
import re
import sys

try:
    import yaml
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
except ImportError as missing:
    print(missing)
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "Config" / "schemas"
ASYNCAPI = ROOT / "Config" / "asyncapi.yaml"
BASE = "https://fleetstream.invalid/schemas/"

# What an empty payload deletes or cancels, or what is a retained message that is cleared.
CLEARED_BY_NOTHING = {
    name + ".json"
    for name in ("order", "route", "customer", "vehicle", "driver", "geofence", "condition", "command", "driver-action",
                 "stop-state")
}

problems = []


def wrong(text):
    problems.append(text)


def read_schemas():
    return {path.name: json.loads(path.read_text()) for path in sorted(SCHEMAS.glob("*.json"))}


schemas = read_schemas()


def validator(schema):
    """One that finds the other schemas, with old and new versions of jsonschema."""
    by_id = {BASE + name: each for name, each in schemas.items()}
    try:
        from referencing import Registry, Resource

        registry = Registry().with_resources((uri, Resource.from_contents(each)) for uri, each in by_id.items())
        return Draft202012Validator(schema, registry=registry)
    except (ImportError, TypeError):
        # Before jsonschema 4.18.
        from jsonschema import RefResolver

        resolver = RefResolver(schema.get("$id", BASE), schema, store=by_id)
        return Draft202012Validator(schema, resolver=resolver)


def fault(check, value):
    """What is wrong with a value, in a line; None where nothing is."""
    error = best_match(check.iter_errors(value))
    if error is None:
        return None
    return "/".join(map(str, error.absolute_path)) + ": " + error.message[:300]


# Schemas


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def follow(document, pointer):
    """What a JSON pointer leads to; None where it leads nowhere."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(document, dict) or part not in document:
            return None
        document = document[part]
    return document


def check_schemas():
    for name, schema in schemas.items():
        for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema):
            wrong(f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
        for key in ("$schema", "$id", "title", "description"):
            if key not in schema:
                wrong(f"{name} has no {key}")
        if schema.get("$id") != BASE + name:
            wrong(f"{name} has another $id")
        for reference in references(schema):
            file, _, pointer = reference.partition("#")
            target = schema if not file else schemas.get(file)
            if target is None or follow(target, pointer) is None:
                wrong(f"{name}: {reference} leads nowhere")
    print(len(schemas), "schemas")


# Examples


def broken(example, schema_properties):
    """Variants of an example with one member of a wrong type. Members that the schema does not know may be anything."""
    for key in example if isinstance(example, dict) else ():
        if key in schema_properties:
            variant = copy.deepcopy(example)
            variant[key] = [[["broken"]]]
            yield key, variant
        if isinstance(example[key], dict) and key == "data":
            for inner in example[key]:
                variant = copy.deepcopy(example)
                variant[key][inner] = [[["broken"]]]
                yield f"{key}/{inner}", variant
    if isinstance(example, list) and example:
        yield "0", [[["broken"]]] + example[1:]
    if isinstance(example, str):
        yield "text", example + "broken"


def properties(schema):
    """The names of all members that a schema knows at its top, whichever of its branches says so."""
    names = set(schema.get("properties", {}))
    for keyword in ("anyOf", "allOf", "oneOf"):
        for branch in schema.get(keyword, ()):
            names |= properties(branch)
    reference = schema.get("$ref", "")
    file, _, pointer = reference.partition("#")
    if file in schemas:
        names |= properties(follow(schemas[file], pointer) or {})
    elif reference.startswith("#/$defs/report") or reference.startswith("#/$defs/request"):
        for each in schemas.values():
            names |= properties(each.get("$defs", {}).get(reference.rsplit("/", 1)[1], {}))
    return names


def check_examples():
    described = set()
    variants = 0
    for path in sorted((SCHEMAS / "examples").glob("*.json")):
        name = path.name.split(".")[0] + ".json"
        if name not in schemas:
            wrong(f"{path.name} is an example of nothing")
            continue
        described.add(name)
        check = validator(schemas[name])
        example = json.loads(path.read_text())
        error = fault(check, example)
        if error:
            wrong(f"{path.name}: {error}")
            continue
        for what, variant in broken(example, properties(schemas[name])):
            variants += 1
            if check.is_valid(variant):
                wrong(f"{path.name} is still valid with {what} broken")
        for key in schemas[name].get("required", ()):
            variants += 1
            if check.is_valid({k: v for k, v in example.items() if k != key}):
                wrong(f"{path.name} is still valid without {key}")
    for name in sorted(set(schemas) - described - {"common.json"}):
        wrong(f"{name} has no example")
    print(len(described), "schemas with examples,", variants, "broken variants")


# AsyncAPI


def read_asyncapi():
    return yaml.safe_load(ASYNCAPI.read_text())


def shape(topic):
    """A topic with its ids taken out."""
    return re.sub(r"\{[^}]*\}", "{}", topic)


def channels(document):
    """The schema's file of each topic's shape."""
    found = {}
    for name, channel in document["channels"].items():
        for message in channel["messages"].values():
            payload = follow(document, message["$ref"].lstrip("#"))["payload"]
            found[shape(channel["address"])] = payload["schema"]["$ref"].rsplit("/", 1)[1]
    return found


def readme_topics():
    """The topics of README's two tables, `in` and `out`."""
    text = (ROOT / "README.md").read_text()
    section = text.split("\n## Topics\n", 1)[1].split("\n### ", 1)[0]
    return re.findall(r"^\| `([a-z][^`]*)` \|", section, re.MULTILINE)


def grammar_topics():
    """The topics of the grammar: `TopicKind` names each in its comment."""
    text = next((ROOT / "Sources" / "Telemetry" / "Topic").glob("Topic.swift")).read_text()
    kinds = text.split("enum TopicKind", 1)[1].split("/// A topic taken apart", 1)[0]
    return re.findall(r"/// `([a-z][^`]*/[^`]*|dead-letters)`", kinds)


def check_asyncapi():
    document = read_asyncapi()
    if document.get("asyncapi") != "3.0.0":
        wrong("the document is no AsyncAPI 3.0.0")
    for reference in references(document):
        if reference.startswith("#"):
            if follow(document, reference[1:]) is None:
                wrong(f"asyncapi.yaml: {reference} leads nowhere")
        elif not (ASYNCAPI.parent / reference).is_file():
            wrong(f"asyncapi.yaml: there is no {reference}")
    for name, channel in document["channels"].items():
        wanted = set(re.findall(r"\{([^}]*)\}", channel["address"]))
        if wanted != set(channel.get("parameters", {})):
            wrong(f"channel {name}: the parameters are not those of the address")
    used = [operation["channel"]["$ref"] for operation in document["operations"].values()]
    for name in document["channels"]:
        if used.count(f"#/channels/{name}") != 1:
            wrong(f"channel {name} has not one operation")
    for name, operation in document["operations"].items():
        if operation["action"] not in ("send", "receive"):
            wrong(f"operation {name}: {operation['action']}")
    known = channels(document)
    listed = {"readme": readme_topics(), "grammar": grammar_topics()}
    for where, topics in listed.items():
        if len(topics) < 10:
            wrong(f"only {len(topics)} topics found in the {where}: is it read as it is written?")
        for topic in topics:
            if shape("fleets/{fleet}/" + topic) not in known:
                wrong(f"{topic} of the {where} is no channel")
    for address in known:
        if address not in {shape("fleets/{fleet}/" + topic) for topic in listed["grammar"]}:
            wrong(f"{address} is no topic of the grammar")
    for name in sorted(set(schemas) - set(known.values()) - {"common.json"}):
        wrong(f"{name} is the payload of no channel")
    print(len(known), "channels")


# Event types


def check_types(path):
    wanted = json.loads(pathlib.Path(path).read_text())
    definitions = schemas["event.json"]["$defs"]
    for name, members in wanted.items():
        if name not in definitions:
            wrong(f"event type {name} is not described")
            continue
        for member in members:
            if member not in definitions[name]["properties"]:
                wrong(f"event type {name}: {member} is not described")
    for name in sorted(set(definitions) - set(wanted)):
        wrong(f"event type {name} is described, and does not exist")
    print(len(wanted), "event types")


# Messages


class Messages:
    """Validates what was published. The envelope of an event and its data are looked at apart: the schema as a whole asks
    for every type in turn, which takes Python long."""

    def __init__(self):
        self.patterns = [
            (re.compile("^" + re.escape(address).replace(r"\{\}", "[^/]+") + "$"), name)
            for address, name in channels(read_asyncapi()).items()
        ]
        self.validators = {name: validator(schema) for name, schema in schemas.items()}
        event = schemas["event.json"]
        envelope = {key: value for key, value in event.items() if key not in ("allOf", "$id")}
        envelope["$id"] = BASE + "envelope.json"
        self.validators["event.json"] = validator(envelope)
        self.data = {
            "fleetstream." + name: validator({"$ref": f"{BASE}event.json#/$defs/{name}"}) for name in event["$defs"]
        }
        self.counts = collections.Counter()

    def check(self, topic, payload):
        """What is wrong with a message, None where nothing is."""
        name = next((name for pattern, name in self.patterns if pattern.match(topic)), None)
        if name is None:
            return "no channel has this topic"
        self.counts[name] += 1
        if not payload and name in CLEARED_BY_NOTHING:
            return None
        try:
            value = json.loads(payload)
        except ValueError as error:
            if name != "status.json":
                return f"the payload is not JSON: {error}"
            # A bare word.
            value = payload
        error = fault(self.validators[name], value)
        if error or name != "event.json":
            return error
        self.counts[value["type"]] += 1
        _, group, last = value["type"].split(".")
        if not topic.endswith(f"/events/{group}/{last}"):
            return "the topic is another type's"
        return fault(self.data[value["type"]], value["data"])


def check_messages(paths):
    messages = Messages()
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                topic, _, payload = line.rstrip("\n").partition(" ")
                error = messages.check(topic, payload)
                if error:
                    wrong(f"{path}:{number}: {topic}: {error}\n    {payload[:400]}")
    for name, count in sorted(messages.counts.items()):
        print(count, name)


def main(arguments):
    commands = {"schemas": check_schemas, "examples": check_examples, "asyncapi": check_asyncapi}
    if len(arguments) == 1 and arguments[0] in commands:
        commands[arguments[0]]()
    elif len(arguments) == 2 and arguments[0] == "types":
        check_types(arguments[1])
    elif len(arguments) >= 2 and arguments[0] == "messages":
        check_messages(arguments[1:])
    else:
        print(__doc__)
        return 64
    for text in problems[:50]:
        print("wrong:", text)
    if len(problems) > 50:
        print("wrong:", len(problems) - 50, "more")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
