import ast
import sys

def texts(node):
    return ast.unparse(node) if hasattr(ast, "unparse") else target


def creates(node):
    if node.lineno != line or not isinstance(getattr(node, "value", None), ast.Call):
        return False
    if isinstance(node, ast.Assign):
        return target in map(texts, node.targets)
    return isinstance(node, ast.AnnAssign) and texts(node.target) == target


def calls(node):
    call = getattr(node, "value", None) if isinstance(node, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == function
        and [texts(each) for each in call.args] == [target]
        and not call.keywords
    )


def imports(node):
    return isinstance(node, ast.ImportFrom) and any((each.asname or each.name) == function for each in node.names)


def verdict(tree):
    found = 0
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if not isinstance(body, list):
                continue
            for at, statement in enumerate(body):
                if isinstance(statement, ast.stmt) and creates(statement):
                    if at + 1 == len(body) or not calls(body[at + 1]):
                        return "the statement on line %d is not followed by the call" % line
                    found += 1
    if found != 1:
        return "%d statements on line %d create %s" % (found, line, target)
    if not any(imports(node) for node in tree.body):
        return "the import of %s is not at the top of the module" % function
    return "agreed"


try:
    tree = ast.parse(sys.stdin.buffer.read())
    if len(sys.argv) == 1:
        print("parsed")
    else:
        line, target, function = int(sys.argv[1]), sys.argv[2], sys.argv[3]
        print(verdict(tree))
except (SyntaxError, ValueError) as error:
    print("Python %d.%d: line %s: %s" % (*sys.version_info[:2], getattr(error, "lineno", 1), getattr(error, "msg", error)))
