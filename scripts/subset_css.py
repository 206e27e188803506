"""The part of a component library's stylesheet that is in use: rules by class, custom properties by reference."""

import re
from dataclasses import dataclass


@dataclass(slots=True)
class Rule:
    """`head { body }`; an at-rule with a block has `inner` rules instead of a body."""

    head: str
    body: str
    inner: "list[Rule] | None" = None


def parse(css: str) -> list[Rule]:
    """Rules of a stylesheet, comments dropped. Statements without a block (@import, @charset) are dropped too."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    rules, position = [], 0
    while (start := css.find("{", position)) >= 0:
        depth, end = 1, start + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        head = " ".join(css[position:start].rpartition(";")[2].split())
        body = css[start + 1 : end - 1]
        nested = head.startswith(("@media", "@supports", "@layer"))
        rules.append(Rule(head, body.strip(), parse(body) if nested else None))
        position = end
    return rules


def subset(css: str, components: tuple[str, ...], modifiers: tuple[str, ...], users: str) -> str:
    """Keep rules that only name `components` and `modifiers`, and the custom properties they or `users` refer to."""
    rules = _kept(parse(css), set(components), set(modifiers))
    while True:
        text = "\n".join(_text(rule) for rule in rules)
        used = set(re.findall(r"var\(\s*(--[\w-]+)", text + users))
        pruned = _pruned(rules, used)
        if "\n".join(_text(rule) for rule in pruned) == text:
            return f"/* PatternFly, the part in use (scripts/vendor.py), MIT: see LICENSE.txt */\n{text}\n"
        rules = pruned


def _wanted(selector: str, components: set[str], modifiers: set[str]) -> bool:
    classes = re.findall(r"\.([a-zA-Z_][\w-]*)", selector)
    for name in classes:
        if name.startswith("pf-v6-c-"):
            if name.removeprefix("pf-v6-c-").partition("__")[0] not in components:
                return False
        elif name.startswith("pf-m-"):
            if name.removeprefix("pf-m-") not in modifiers:
                return False
        elif name != "pf-v6-theme-dark":
            return False
    # Without a class: only the reset and the tokens on the root.
    return bool(classes) or not selector.startswith("[")


def _kept(rules: list[Rule], components: set[str], modifiers: set[str]) -> list[Rule]:
    kept = []
    for rule in rules:
        if rule.inner is not None:
            inner = _kept(rule.inner, components, modifiers)
            if inner:
                kept.append(Rule(rule.head, "", inner))
        elif not rule.head.startswith("@"):
            selectors = [s for s in _selectors(rule.head) if _wanted(s, components, modifiers)]
            if selectors:
                kept.append(Rule(",".join(selectors), rule.body))
    return kept


def _selectors(head: str) -> list[str]:
    """Split at commas outside of parentheses."""
    return [part.strip() for part in re.split(r",(?![^()]*\))", head)]


def _pruned(rules: list[Rule], used: set[str]) -> list[Rule]:
    result = []
    for rule in rules:
        if rule.inner is not None:
            inner = _pruned(rule.inner, used)
            if inner:
                result.append(Rule(rule.head, "", inner))
            continue
        lines = [line.strip() for line in re.split(r";(?![^()]*\))", rule.body) if line.strip()]
        lines = [line for line in lines if not line.startswith("--") or line.partition(":")[0].strip() in used]
        if lines:
            result.append(Rule(rule.head, ";".join(lines)))
    return result


def _text(rule: Rule) -> str:
    if rule.inner is not None:
        return f"{rule.head}{{{''.join(_text(inner) for inner in rule.inner)}}}"
    body = re.sub(r":\s+", ":", rule.body)
    return f"{rule.head}{{{body}}}"
