"""What CEL may say, for which target, and what it gives."""

from __future__ import annotations

import sys

import pytest

from bot.policy import Target
from bot.policy.cel import EvaluationError, ExpressionError, activation, check, compiled, variables_of

CONTAINER = {
    "name": "web",
    "image": "registry.example:5000/web:1.4",
    "args": ["--a", "--b"],
    "resources": {"limits": {"cpu": 1, "memory": "1Gi"}, "requests": {"cpu": "500m", "memory": 1073741824}},
    "ports": [],
}


def value(expression, **bindings):
    return compiled(expression).evaluate(activation({"container": CONTAINER, **bindings}))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("container.?securityContext.?privileged.orValue(false) == false", True),
        ("has(container.image)", True),
        ("container.args", ["--a", "--b"]),
        ("container.resources.limits", {"cpu": 1, "memory": "1Gi"}),
        ("container.args.map(a, a.replace('-', '')).join(',')", "a,b"),
        ("size(container.args)", 2),
        ("1.5", 1.5),
        ("null", None),
        ("container.image.matches(':[0-9.]+$')", True),
        ("container.image.find('[0-9]+')", "5000"),
        ("container.image.find('x+y')", ""),
        ("container.image.findAll('[0-9]+')", ["5000", "1", "4"]),
        ("container.image.findAll('[0-9]+', 2)", ["5000", "1"]),
        ("container.image.findAll('[0-9]+', -1)", ["5000", "1", "4"]),
        ("container.image.findAll('[0-9]+', 0)", []),
        ("container.?none.optMap(x, x + 1).orValue(7)", 7),
        ("type(container.image) == string", True),
        ("'a,b'.split(',')", ["a", "b"]),
        # quantities
        ("quantity('0.5') == quantity('500m')", True),
        ("quantity('1Gi') == quantity('1G')", False),
        ("quantity(container.resources.limits.cpu).isGreaterThan(quantity(container.resources.requests.cpu))", True),
        ("quantity(container.resources.limits.memory) == quantity(container.resources.requests.memory)", True),
        ("quantity('1').isLessThan(quantity('900m'))", False),
        ("quantity('1').compareTo(quantity('1000m'))", 0),
        ("quantity('9').compareTo(quantity('10'))", -1),
        ("quantity('-9').compareTo(quantity('-10'))", 1),
        ("[quantity('1'), quantity('2')].all(q, q.isLessThan(quantity('3')))", True),
        ("isQuantity(container.resources.limits.cpu) && isQuantity('1e3') && isQuantity(dyn(0.5))", True),
        ("isQuantity('1,5') || isQuantity('1 Gi')", False),
    ],
)
def test_values(expression, expected):
    check(expression, Target.CONTAINER)
    found = value(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("container.nope", 'Key not found in map : "nope"'),
        ("container.image.x == 1", "Applying SELECT to non-message type"),
        ("1 / 0", "divide by zero"),
        ("quantity('1,5')", "'1,5' is no quantity"),
        ("quantity(container)", "No matching overloads found : quantity(map)"),
        ("podSpec.x", 'No value with name "podSpec" found in Activation'),
        ("container.?image", "an optional is no value; end it with orValue"),
        ("duration('1s')", "no JSON value: datetime.timedelta(seconds=1)"),
        ("{1: 2}", "no JSON value: a map"),
        ("container.image.matches('[')", "invalid regular expression"),
        ("container.image.find('[')", "unterminated character set"),
    ],
)
def test_errors_are_values(expression, reason):
    found = value(expression)
    assert isinstance(found, EvaluationError)
    assert found.reason.startswith(reason)
    assert found.reason
    assert "\n" not in found.reason


@pytest.mark.parametrize("unfit", [2**70, "\ud800", (1, 2)])
def test_values_that_cel_cannot_hold(unfit):
    found = compiled("size(object) == 2").holds(activation({"object": {"a": unfit, "b": 1}}))
    assert isinstance(found, EvaluationError)
    assert found.reason


@pytest.mark.parametrize(
    ("expression", "held"),
    [
        ("container.name == 'web'", True),
        ("container.name == 'x'", False),
        ("container.name", EvaluationError("true or false expected, not 'web'")),
        ("container", EvaluationError("true or false expected, not a map")),
        ("null", EvaluationError("true or false expected, not null")),
        ("container.nope", EvaluationError('Key not found in map : "nope"')),
    ],
)
def test_holds(expression, held):
    assert compiled(expression).holds(activation({"container": CONTAINER})) == held


@pytest.mark.parametrize(
    ("target", "item", "names"),
    [
        (Target.OBJECT, False, "object values kubernetes inventory"),
        (Target.OBJECT, True, "object values kubernetes inventory item key"),
        (Target.POD_SPEC, False, "object values kubernetes inventory podSpec podMetadata"),
        (Target.CONTAINER, False, "object values kubernetes inventory podSpec podMetadata container containerType"),
    ],
)
def test_only_what_is_bound_may_be_used(target, item, names):
    bound = set(names.split())
    assert set(variables_of(target, item=item)) == bound
    for name in variables_of(Target.CONTAINER, item=True):
        if name in bound:
            check(f"{name} == {name}", target, item=item, is_bool=True)
        else:
            with pytest.raises(ExpressionError, match=f"undeclared reference to '{name}'; the variables are object"):
                check(f"{name} == {name}", target, item=item, is_bool=True)


def test_a_loop_may_use_the_name_of_what_is_not_bound():
    check("podSpec.containers.all(container, container.name == 'x')", Target.POD_SPEC, is_bool=True)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        # the server does not have it, or it gives something else there
        ("[1].all(i, v, true)", "undeclared reference"),
        ("'a'.reverse() == 'a'", "reverse() is not available; allowed: has, size"),
        ("math.least(1, 2) == 1", "least() is not available"),
        ("cel.bind(x, 1, x == 1)", "bind() is not available"),
        ("'%s'.format(['a']) == 'a'", "format() is not available"),
        ("url('https://x') == url('https://x')", "url() is not available"),
        ("ip ('1.2.3.4') == ip('1.2.3.4')", "ip() is not available"),
        ("strings.quote('a') == 'a'", "quote() is not available"),
        ("[1].first() == 1", "first() is not available"),
        ("params.x == 1", "undeclared reference"),
        ("authorizer == null", "undeclared reference to 'authorizer'"),
        ("oldObject == null", "undeclared reference to 'oldObject'"),
        ("namespaceObject == null", "undeclared reference to 'namespaceObject'"),
        # quantities have a type of their own
        ("quantity('1') == '1'", "found no matching overload for '_==_' applied to '(kubernetes.Quantity, string)'"),
        ("quantity('1') < quantity('2')", "found no matching overload for '_<_'"),
        ("'1'.isLessThan('2')", "found no matching overload for 'isLessThan'"),
        ("string(quantity('1')) == '1'", "found no matching overload for 'string'"),
        ("quantity(1) == quantity('1')", "found no matching overload for 'quantity'"),
        # types
        ("container.?x.orValue(true)", "its type is dyn, not bool"),
        ("container.name", "its type is dyn, not bool"),
        ("'x'", "its type is string, not bool"),
        ("quantity('1')", "its type is string, not bool"),
        ("true ? 1 : 'x'", "found no matching overload"),
        # syntax
        ("1 +", "Syntax error: mismatched input '<EOF>'"),
        ("", "Syntax error"),
        ("'a", "Syntax error"),
        ("object.x == r'\\' + url('x')'", "url() is not available"),
    ],
)
def test_refused(expression, reason):
    with pytest.raises(ExpressionError) as caught:
        check(expression, Target.CONTAINER, is_bool=True)
    assert str(caught.value).startswith(reason)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "expression",
    [
        "container.image != 'url(x)'",
        'container.image != "url(x)"',
        "container.image != r'url(\\d)'",
        "container.image != '''it's url(x)'''",
        "container.image != 'it\\'s url(x)'",
        "true // url(x)\n",
        "has(container.url) || container.ip == container.format",
    ],
)
def test_names_in_texts_and_fields_are_no_calls(expression):
    check(expression, Target.CONTAINER, is_bool=True)


def test_an_activation_serves_every_expression():
    shared = activation({"container": CONTAINER, "item": 1})
    assert compiled("container.name == 'web'").holds(shared) is True
    assert compiled("item == 1").holds(shared) is True


def test_nulls_keep_their_references():
    # Losing one for each null ends the process once None has none left, on Pythons where None can die (3.11).
    program, bound = compiled("[container.a, {'b': container.a}]"), activation({"container": {"a": None}})
    assert program.evaluate(bound) == [None, {"b": None}]
    before = sys.getrefcount(None)
    for _ in range(1000):
        program.evaluate(bound)
    assert sys.getrefcount(None) > before - 500


def test_compiled_once():
    assert compiled("1 == 1") is compiled("1 == 1")
    with pytest.raises(ExpressionError):
        compiled("1 ==")
