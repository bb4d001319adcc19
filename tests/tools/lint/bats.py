#!/usr/bin/python3
"""bats.py FILE...: names the lines of tests that cannot fail.

A test ends at the first command that fails, but bash counts neither `! cmd` as
failed, nor an operand of && or || before the last one; and the arguments of
wait_until are expanded once, before it polls. Accepted are conditions, `a || b`,
and `a && b` as the last line of a function, which returns its status."""
import re
import sys


def without_quotes(line):
    """The line without what stands in quotes, [[ ]], ( ) and comments."""
    line = re.sub(r"\\.", "", line)
    line = re.sub(r"'[^']*'", "q", line)
    while True:
        shorter = re.sub(r"\$?\([^()]*\)", "s", line)
        if shorter == line:
            break
        line = shorter
    line = re.sub(r'"[^"]*"', "q", line)
    line = re.sub(r"\[\[ .*? \]\]", "[[ t ]]", line)
    return re.sub(r"(^|\s)#.*", "", line)


def faults(lines):
    """Pairs of a line's number and what is wrong with it."""
    end = None  # of a here document or of a quoted text over several lines
    for i, line in enumerate(lines):
        if end:
            if end(line):
                end = None
            continue
        code = without_quotes(line)
        here = re.search(r"<<-?\s*\\?['\"]?(\w+)", line)
        if here and "<<<" not in line:
            end = lambda l, word=here.group(1): l.strip() == word
        elif re.sub(r"\\.|\"[^\"]*\"", "", line).count("'") % 2 and "'" in code:
            end = lambda l: "'" in l
            continue
        code = code.strip()
        if re.match(r"(if|while|until|elif|for|case|function)\b", code):
            continue
        if re.search(r"wait_until (\[ .*\$\(|test .*\$\(|!)", line):
            yield i + 1, "wait_until polls a constant: write a function"
        last = i + 1 < len(lines) and lines[i + 1].strip() == "}"
        body = re.sub(r"^\w+\(s?\) \{.*", "", code)
        ands = "&&" in body and "||" not in body
        if re.match(r"! ", code) and not re.search(r"&&|\|\|", code):
            yield i + 1, "! cannot fail: write run !"
        elif re.search(r"(\|\||&&) ! [^&|{]*$", body):
            yield i + 1, "the last ! cannot fail"
        elif ands and not last and not body.endswith(
            ("&&", "\\", ";;", " return", " continue", " break")
        ):
            yield i + 1, "what stands before && cannot fail: write two lines"


def main():
    bad = False
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8") as f:
            for number, why in faults(f.read().split("\n")):
                bad = True
                print(f"{name}:{number}: {why}", file=sys.stderr)
    sys.exit(bad)


main()
