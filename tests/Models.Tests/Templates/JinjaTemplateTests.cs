using System.Diagnostics;
using System.Text.Json;
using Harness.Models.Json;
using Harness.Models.Templates;

namespace Harness.Tests.Templates;

public sealed class JinjaTemplateTests
{
    private const string Document = """
        {"messages": [{"role": "system", "content": "Be."}, {"role": "user", "content": " Hi "}, {"role": "assistant", "content": "Yo"},
          {"role": "user", "content": "Ok?"}],
         "names": ["b", "a", "c"], "n": 7, "text": "a-b-c", "map": {"k": 1, "z": "q"}, "empty": "", "nothing": null, "yes": true,
         "odd": "h\u00e9llo \ud83d\ude00!", "nested": [[1, 2], [3]], "people": [{"name": "Ann", "age": 3, "is": true}, {"name": "Bob", "is": false}]}
        """;

    // The right sides are jinja2's, under the settings of transformers.
    [Theory]
    [InlineData("a{# note #}b", "ab")]
    [InlineData("{%- if n > 5 -%} big {%- else -%} small {%- endif -%}", "big")]
    [InlineData(" x {{- n -}} y", " x7y")]
    [InlineData("{% if n == 1 %}1{% elif n == 7 %}7{% else %}?{% endif %}", "7")]
    [InlineData("{% for x in names %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex " +
        "}}{{ x }};{% endfor %}", "10TrueFalse33b;21FalseFalse32a;32FalseTrue31c;")]
    [InlineData("{% for x in names %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}", "<b>a b<a>c a<c> ")]
    [InlineData("{% for m in messages if m.role != 'system' %}{{ loop.index }}{{ m['role'] }}{% if not loop.last %},{% " +
        "endif %}{% endfor %}", "1user,2assistant,3user")]
    [InlineData("{% set ns = namespace(on=true) %}{% for x in names if ns.on %}{{ x }}{% set ns.on = false %}{% endfor %}", "b")]
    [InlineData("{% set ns = namespace(on=true) %}{% for x in names if ns.on %}{{ x }}{{ loop.last }}{% set ns.on = false %}{% endfor %}",
        "bFalseaTrue")]
    [InlineData("{% for x in [] %}x{% else %}none{% endfor %}", "none")]
    [InlineData("{% for k, v in map.items() %}{{ k }}={{ v }};{% endfor %}{% for k in map %}{{ k }}{% endfor %}", "k=1;z=q;kz")]
    [InlineData("{% for x in names %}{% if x == 'a' %}{% continue %}{% endif %}{{ x }}{% if loop.index == 2 %}{% break %}{% " +
        "endif %}{% endfor %}", "bc")]
    [InlineData("{% for x in names %}{% for y in nested %}{% if loop.first %}{% continue %}{% endif %}{{ y[0] }}{% break %}{% " +
        "endfor %}{% endfor %}", "333")]
    [InlineData("{% set a = 1 %}{% for x in names %}{% set a = a + 1 %}{{ a }}{% endfor %}{{ a }}", "2221")]
    [InlineData("{% set ns = namespace(a=1, b='x') %}{% for x in names %}{% set ns.a = ns.a + 1 %}{% endfor %}{{ ns.a }}{{ ns.b }}{{ " +
        "ns.c is defined }}", "4xFalse")]
    [InlineData("{% set a, b = [1, 2] %}{{ a }}{{ b }}{% set c %}[{{ a }}]{% endset %}{{ c }}", "12[1]")]
    [InlineData("{% macro hi(name, greeting='Hi', mark=missing) %}{{ greeting }} {{ name }}{{ mark is defined }}{% endmacro %}{{ " +
        "hi('Ann') }}|{{ hi('Bob', greeting='Yo') }}|{{ hi(name='C', mark=1) }}", "Hi AnnFalse|Yo BobFalse|Hi CTrue")]
    [InlineData("{% macro count(n) %}{{ n }}{% if n > 0 %}{{ count(n - 1) }}{% endif %}{% endmacro %}{{ count(3) }}", "3210")]
    [InlineData("{% set a = 1 %}{% macro read() %}{{ a }}{% endmacro %}{% set a = 2 %}{{ read() }}", "2")]
    [InlineData("{% generation %}{% set q = 1 %}in{{ q }}{% endgeneration %}{{ q is defined }}", "in1False")]
    [InlineData("{{ 1 + 2 * 3 - 4 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ (1 + 2) * 3 }} {{ 2 * 'ab' == 'abab' }} {{ " +
        "'ab' * 2 }} {{ true + 1 }}", "3 3 -4 1 2 9 True abab 2")]
    [InlineData("{{ 'a' ~ 1 ~ none ~ true ~ missing }} {{ 'a' + 'b' }} {{ 'a' 'b' }}", "a1NoneTrue ab ab")]
    [InlineData("{{ 4 / 2 == 2 }} {{ 1.5 + 1.5 == 3 }} {{ 1.0 == 1 }} {{ 7 / 2 > 3 }} {{ (7 / 2) | int }}", "True True True True 3")]
    [InlineData("{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'a' < 'b' }} {{ 'Z' < 'a' }} {{ 2 >= 2 }} {{ 1 != 1 }} {{ 1 <= 0 }} {{ " +
        "'\\uffff' < odd[6] }}", "True False True True True False False True")]
    [InlineData("{{ 'a' in names }} {{ 'x' not in names }} {{ 'b-' in text }} {{ 'k' in map }} {{ 1 in [1, " +
        "2] }} {{ 'q' in map }} {{ 'x' in missing }} {{ 2 in nested[0] }}", "True True True True True False False True")]
    [InlineData("{{ yes and 'x' }} {{ empty or 'y' }} {{ not yes }} {{ not empty and n }} {{ none or 0 }} {{ yes or missing.x }}",
        "x y False 7 0 True")]
    [InlineData("{{ 'a' if yes else 'b' }} {{ 'a' if empty }}| {{ 'a' if empty else 'b' if none else 'c' }}", "a | c")]
    [InlineData("{{ [1, 2][0] }} {{ (1, 2)[1] }} {{ {'a': {'b': 'c'}}.a.b }} {{ {'a': 1}['a'] }} {{ names[-1] }} {{ odd[1] }} {{ odd[-2] " +
        "}} {{ names[9] is defined }} {{ (3) + 1 }}", "1 2 c 1 c é \U0001f600 False 4")]
    [InlineData("{{ messages[1:][0].content }}{{ messages[::-1][0]['content'] }}{{ names[:2] | join }}{{ names[-2:] | join }}{{ " +
        "names[::2] | join }}{{ text[2:] }}{{ odd[::-1] }}{{ names[5:] | length }}{{ names[2:0:-1] | join }}{{ text[-1:] }}{{ " +
            "names[1:-1] | join }}", " Hi Ok?baacbcb-c!\U0001f600 olléh0caca")]
    [InlineData("{{ map.k }}{{ map['z'] }}{{ map.x is defined }}{{ map.x is undefined }}{{ messages[0].content is defined }}{{ " +
        "map.missing }}{{ missing }}", "1qFalseTrueTrue")]
    [InlineData("{{ nothing is none }}{{ n is none }}{{ n is not none }}{{ text is string }}{{ map is mapping }}{{ names is iterable " +
        "}}{{ n is iterable }}{{ yes is true }}{{ yes is false }}{{ false is false }}{{ n is number }}{{ yes is number }}{{ n is integer " +
            "}}{{ yes is integer }}{{ yes is boolean }}{{ names is sequence }}{{ names is string }}{{ missing is iterable " +
                "}}{{ 1.5 is float }}", "TrueFalseTrueTrueTrueTrueFalseTrueFalseTrueTrueTrueTrueFalseTrueTrueFalseTrueTrue")]
    [InlineData("{{ n is odd }}{{ n is even }}{{ n is divisibleby 7 }}{{ n is eq 7 }}{{ 'a' is in names }}{{ not n is defined }}{{ n is " +
        "defined and n is not string }}{{ n is divisibleby(2) }}{{ n is gt 5 }}", "TrueFalseTrueTrueTrueFalseTrueFalseTrue")]
    [InlineData("{{ ' a ' | trim }}|{{ 'xax' | trim('x') }}|{{ text | length }}{{ odd | length }}{{ names | count }}{{ map | length }}{{ " +
        "missing | length }}|{{ 'ab' | upper }}{{ 'AB' | lower }}{{ 'aB c' | capitalize }}|{{ \"they're a-b\" | title }}|{{ \"they're " +
            "a-b\".title() }}", "a|a|58320|ABabAb c|They're A-B|They'Re A-B")]
    [InlineData("{{ names | join(', ') }}|{{ [1, none, true] | join('-') }}|{{ people | join(',', " +
        "attribute='name') }}|{{ missing | default('d') }}|{{ empty | default('d') }}|{{ empty | default('d', " +
            "true) }}|{{ none | default('d') }}|{{ none | d('x', boolean=true) }}", "b, a, c|1-None-True|Ann,Bob|d||d|None|x")]
    [InlineData("{{ names | first }}{{ names | last }}{{ 'xyz' | last }}{{ [] | first is defined }}|{{ 'a.b.c' | replace('.', " +
        "'') }}|{{ 'aXbX' | replace('X', '--') }}|{{ 'abc' | list | join('.') }}|{{ 7 | string + 'x' }}|{{ '12' | int + 1 }}|{{ 'q' | " +
            "int }}|{{ 'q' | int(5) }}|{{ yes | int }}", "bczFalse|abc|a--b--|a.b.c|7x|13|0|5|1")]
    [InlineData("{{ people | selectattr('is') | map(attribute='name') | join(',') }}|{{ people | rejectattr('is') | " +
        "map(attribute='name') | join }}|{{ messages | selectattr('role', 'equalto', " +
            "'user') | list | length }}|{{ messages | rejectattr('role', 'in', ['user', " +
                "'system']) | map(attribute='content') | join }}|{{ people | selectattr('age', " +
                    "'defined') | list | length }}|{{ people | map(attribute='age', " +
                        "default='?') | join(',') }}|{{ names | map('upper') | join }}|{{ [0, 1, 2] | select | list | length }}|{{ [1, " +
                            "2, 3] | reject('odd') | join }}|{{ [1, 2, 3] | select('gt', 1) | join }}", "Ann|Bob|2|Yo|1|3,?|BAC|2|2|23")]
    [InlineData("{{ names | reverse | join }}{{ 'abc' | reverse }}|{{ map | items | list | length }}|{% for k, " +
        "v in map | items %}{{ k }}{{ v }}{% endfor %}|{{ missing | items | list | length }}", "cabcba|2|k1zq|0")]
    [InlineData("{{ '<a>&\"' | e }}|{{ \"x'y\" | escape }}|{{ '<b>' | safe }}|{{ '<b>' | e | string }}",
        "&lt;a&gt;&amp;&#34;|x&#39;y|<b>|&lt;b&gt;")]
    [InlineData("{{ map | tojson }}|{{ people | tojson }}|{{ odd | tojson }}|{{ [] | tojson }}{{ {} | tojson }}|{{ " +
        "'\"\\\\\\n\\t\\x01\\u2028' | tojson }}|{{ none | tojson }}{{ true | tojson }}{{ 3 | tojson }}",
            "{\"k\": 1, \"z\": \"q\"}|[{\"name\": \"Ann\", \"age\": 3, \"is\": true}, {\"name\": \"Bob\", " +
            "\"is\": false}]|\"héllo \U0001f600!\"|[]{}|\"\\\"\\\\\\n\\t\\u0001\u2028\"|nulltrue3")]
    [InlineData("{{ {'a': [1, {'b': none}], 'c': {}} | tojson(indent=2) }}", "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  " +
        "],\n  \"c\": {}\n}")]
    [InlineData("{{ [1, [2]] | tojson(indent=4) }}", "[\n    1,\n    [\n        2\n    ]\n]")]
    [InlineData("{{ ' x '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'xxa'.lstrip('x') }}|{{ 'axx'.rstrip('x') }}|{{ ' a '.lstrip() }}|{{ ' " +
        "a '.rstrip() }}|{{ text.split('-')[1] }}|{{ text.split('-', 1)[1] }}|{{ ' a  b '.split() | join(',') }}|{{ " +
            "text.startswith('a-') }}{{ text.endswith('x') }}{{ text.startswith(('x', 'a')) }}|{{ text.replace('-', " +
                "'+') }}|{{ 'aB'.upper() }}{{ 'aB'.lower() }}{{ 'aB'.capitalize() }}|{{ text.find('b') }}{{ text.find('z') }}|{{ ', " +
                    "'.join(names) }}", "x|a|a|a|a | a|b|b-c|a,b|TrueFalseTrue|a+b+c|ABabAb|2-1|b, a, c")]
    [InlineData("{{ map.get('k') }}{{ map.get('x') }}{{ map.get('x', 'd') }}|{{ map.keys() | join }}|{{ map.values() | list | length " +
        "}}|{% for k, v in map.items() %}{{ k }}{% endfor %}|{{ names.index('c') }}", "1Noned|kz|2|kz|2")]
    [InlineData("{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(5, 1, -2) %}{{ i }}{% endfor %}{{ range(2, " +
        "4) | join }}{{ dict(a=1).a }}", "01253231")]
    [InlineData("{% if '</think>' in 'a</think>b' %}{{ 'a</think>b'.split('</think>')[-1].lstrip('\\n') }}{% endif %}", "b")]
    [InlineData("{{ '{{' }}{{ \"}}\" }}{{ '{%' }}{{ '%}' }} { { } } {{ {'a': {'b': 1}}['a']['b'] }}", "{{}}{%%} { { } } 1")]
    [InlineData("{{ (n if n else 0) - 1 }} {{ -n }} {{ - 3 + +4 }} {{ not not n }} {{ n - -1 }}", "6 -7 1 True 8")]
    [InlineData("{% if messages[-1].role == 'user' and messages | length > 2 %}yes{% endif %}{{ messages | " +
        "map(attribute='role') | join('/') }}", "yessystem/user/assistant/user")]
    [InlineData("{{ (nested[0] + nested[1]) | length }}", "3")]
    [InlineData("{{ nested == [[1, 2], [3]] }}{{ map == {'z': 'q', 'k': 1} }}{{ none == false }}{{ missing == other }}{{ 1 == true " +
        "}}{{ '1' == 1 }}", "TrueTrueFalseTrueTrueFalse")]
    [InlineData("{{ loop is defined }}{% for x in names %}{% set y = x %}{% endfor %}{{ y is defined }}{% if yes %}{% set z = 1 " +
        "%}{% endif %}{{ z }}", "FalseFalse1")]
    [InlineData("{% for m in messages %}{%- if m.role == 'user' %}{% set c = m.content | trim + '!' %}{{ c }}{% endif %}{% endfor %}",
        "Hi!Ok?!")]
    [InlineData("{%+ if yes %}a{% endif +%}", "a")]
    [InlineData("  {% if yes %}\n  a\n  {% endif %}\nb\n", "  a\nb")]
    [InlineData("a\n    {%- if yes %}\n b{% endif %}\n\n", "a b")]
    [InlineData("{% for x in names %}\n- {{ x }}\n{% endfor %}\nend", "- b\n- a\n- c\nend")]
    [InlineData("  {%+ if yes %}\n a {%+ endif %}\n b", "   a  b")]
    [InlineData("{% if yes +%}\n a{% endif %}", "\n a")]
    [InlineData("x  {# c #}\n   {# d #}\ny {#- e -#}  z", "x  yz")]
    [InlineData("{{ n }}\n{{ n -}}  \n\n b {{- n }}\n", "7\n7b7")]
    [InlineData("a\r\n{% if yes %}\r\nb\r\n{% endif %}\r\n", "a\nb\n")]
    [InlineData("{% set x %}\n  a\n{% endset %}\n[{{ x }}]", "[  a\n]")]
    [InlineData("\t {% if yes %}\t\n a\n\t{% endif %}  c  {% if yes %}d{% endif %}", "\t\n a\n  c  d")]
    [InlineData("a\n\n", "a\n")]
    [InlineData("{{ 'a\\n' }}\n", "a\n")]
    public void Renders_what_jinja2_renders(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("a\n{% include 'x' %}", 2, "found the statement 'include', " +
        "expected only if, for, set, macro, break, continue, generation; take another template")]
    [InlineData("{% raw %}{% endraw %}", 1, "found the statement 'raw', expected only if, for, set, macro, break, continue, generation; " +
        "take another template")]
    [InlineData("{% if n %}\n{% endfor %}", 2, "found the statement 'endfor', " +
        "expected only if, for, set, macro, break, continue, generation; take another template")]
    [InlineData("{% if n %}\n{{ n }}", 2, "found the end, expected {% endif %} for what begins in line 1; correct the template")]
    [InlineData("\n{% for x in names %}a", 2, "found the end, expected {% endfor %} for what begins in line 2; correct the template")]
    [InlineData("{% for x of names %}{% endfor %}", 1, "found 'of names', expected 'in'; correct the template")]
    [InlineData("{% for x in names recursive %}{% endfor %}", 1, "found 'recursive', expected '%}'; correct the template")]
    [InlineData("{% if n %}{% else if n %}{% endif %}", 1, "found 'if n', expected '%}'; correct the template")]
    [InlineData("{% if %}{% endif %}", 1, "found '%}', expected a value; correct the template")]
    [InlineData("{% break %}", 1, "found '{% break %}' outside a loop, expected it inside one; correct the template")]
    [InlineData("{% for x in names %}{% set y %}{% break %}{% endset %}{% endfor %}", 1, "found '{% break %}' outside a loop, " +
        "expected it inside one; correct the template")]
    [InlineData("{% set n.x = 1 %}", 1, "found the number 7 where 'n.x' is set, expected a namespace(); correct the template")]
    [InlineData("{% set none = 1 %}", 1, "found 'none = 1', expected a name; correct the template")]
    [InlineData("{% set a, b = names %}", 1, "found 3 values for a, b, expected 2; correct the template or the data")]
    [InlineData("{% set x = 1, 2 %}", 1, "found ', 2', expected '%}'; correct the template")]
    [InlineData("{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}", 1, "found 2 arguments of the macro 'f', expected at most 1; " +
        "correct the template")]
    [InlineData("{% macro f(a) %}{% endmacro %}{{ f(b=2) }}", 1, "found the argument 'b' of the macro 'f', expected only a; " +
        "it is not understood here")]
    [InlineData("{% macro f(a) %}{% endmacro %}{{ f(1, a=2) }}", 1, "found 'a' of the macro 'f' twice, expected it once; " +
        "correct the template")]
    [InlineData("{% macro f(a=1, b) %}{% endmacro %}", 1, "found ')', expected '=': a parameter without a default cannot follow one " +
        "with; correct the template")]
    [InlineData("{{ f(x=1, 2) }}", 1, "found ')', expected no argument without a name behind those with one; correct the template")]
    [InlineData("a\nb\n{{ n | round }}", 3, null)]
    [InlineData("{{ n is prime }}", 1, null)]
    [InlineData("{{ text.zfill(3) }}", 1, null)]
    [InlineData("{{ text.upper }}", 1, "found '.upper' without a call, which Jinja takes for a method of Python's, expected '.upper()'; " +
        "correct the template")]
    [InlineData("{{ text.strip(chars='x') }}", 1, "found the argument 'chars' of 'strip()', expected arguments without a name; " +
        "take another template")]
    [InlineData("{{ text.split('-', 1, 2) }}", 1, "found 3 arguments of 'split()', expected 0 to 2; correct the template")]
    [InlineData("{{ names.strip() }}", 1, "found a list of 3 before '.strip()', expected a text; correct the template or the data")]
    [InlineData("{{ names.items() }}", 1, "found a list of 3 before '.items()', expected an object; correct the template or the data")]
    [InlineData("{{ text.get('x') }}", 1, "found the text 'a-b-c' before '.get()', expected an object; correct the template or the data")]
    [InlineData("{{ map.strip() }}", 1, "found an object before '.strip()', expected a text; correct the template or the data")]
    [InlineData("{{ n.strip() }}", 1, "found the number 7 before '.strip()', expected a text; correct the template or the data")]
    [InlineData("{{ map.text.x }}", 1, "found 'text', which is not there, where the text 'x' of it is asked for, expected a value; " +
        "correct the template or the data")]
    [InlineData("{{ missing + 'x' }}", 1, "found 'missing', which is not there + the text 'x', expected numbers or texts; " +
        "correct the template or the data")]
    [InlineData("{{ 'x' + 1 }}", 1, "found the text 'x' + the number 1, expected numbers or texts; correct the template or the data")]
    [InlineData("{{ 'x' % 1 }}", 1, "found the text 'x' % the number 1, expected numbers; correct the template or the data")]
    [InlineData("{{ 1 // 0 }}", 1, "found the number 1 // 0, expected another number; correct the template or the data")]
    [InlineData("{{ 9223372036854775807 + 1 }}", 1, "found the number 9223372036854775807 + the number 1, expected a smaller result; " +
        "correct the template or the data")]
    [InlineData("{{ 99999999999999999999 }}", 1, "found the number 99999999999999999999, expected a smaller one; correct the template")]
    [InlineData("{{ 2 ** 3 }}", 1, "found '** 3', expected '}}'; correct the template")]
    [InlineData("{{ 1 < 'a' }}", 1, "found the number 1 < the text 'a', expected two numbers or two texts; " +
        "correct the template or the data")]
    [InlineData("{{ 1 in 2 }}", 1, "found the number 1 in the number 2, expected a text in a text, or a list or an object; " +
        "correct the template or the data")]
    [InlineData("{{ names }}", 1, "found a list of 3 for '{{names}}', expected a text or a whole number; pick one of its items")]
    [InlineData("{{ 1 / 2 }}", 1, "found the number 0.5 for '{{1 / 2}}', expected a text or a whole number; pick one of its items")]
    [InlineData("{{ names[::0] }}", 1, "found step 0 of a slice, expected another number; correct the template or the data")]
    [InlineData("{{ n[1:] }}", 1, "found the number 7 where a part of it is asked for, expected a text or a list; " +
        "correct the template or the data")]
    [InlineData("{{ text[empty:] }}", 1, "found the text '' as the bound of a slice, expected a whole number; " +
        "correct the template or the data")]
    [InlineData("{{ text.__class__ }}", 1, "found '__class__', a part of Python's objects, expected a field; take another template")]
    [InlineData("{{ loud('x') }}", 1, "found 'loud', which is not there where a function is called, " +
        "expected a macro or a function that is known here: namespace, range, dict, raise_exception, strftime_now; take another template")]
    [InlineData("{% for x in names %}{{ loop.depth }}{% endfor %}", 1, "found 'loop.depth', expected index, index0, first, last, length, " +
        "revindex, revindex0, previtem or nextitem; take another template")]
    [InlineData("{% for x in n %}{% endfor %}", 1, "found the number 7, expected a list, an object or a text to go through; " +
        "correct the template or the data")]
    [InlineData("{{ odd | upper }}", 1, "found '\u00e9' in a text whose letters upper is to change, expected only letters of ASCII; " +
        "take another template, or write the messages without")]
    [InlineData("{{ map | tojson(sort_keys=true) }}", 1, "found the argument 'sort_keys' of '|tojson', " +
        "expected only ensure_ascii, indent; it is not understood here")]
    [InlineData("{{ map | tojson(true) }}", 1, "found other arguments of '|tojson' than indent=<number>, expected only that one; " +
        "take another template")]
    [InlineData("{{ [1 / 2] | tojson }}", 1, "found the number 0.5 before '|tojson', " +
        "expected texts, whole numbers, true, false, none, lists and maps; take another template")]
    [InlineData("{{ ('<' | e) + '<' }}", 1, "found a text that is escaped or safe + the text '<', expected numbers or texts; " +
        "correct the template or the data")]
    [InlineData("{{ 'a' | replace('', 'b') }}", 1, "found 'replace' of an empty text, expected a text at all its places; " +
        "take another template")]
    [InlineData("{{ {1: 2} }}", 1, "found the number 1 as a key, expected a text; take another template")]
    [InlineData("{{ 'a\\qb' }}", 1, "found '\\q' in a text, expected only \\n, \\r, \\t, \\\\, \\', \\\", \\xXX and \\uXXXX; " +
        "write the character itself")]
    [InlineData("x\n{{ 'a", 2, "found a text without end, expected '; correct the template")]
    [InlineData("x\n{# a", 2, "found a comment without end, expected '#}'; correct the template")]
    [InlineData("{{ n", 1, "found the end, expected '}}'; correct the template")]
    [InlineData("{{ n $ 2 }}", 1, "found '$ 2', expected '}}'; correct the template")]
    [InlineData("{{ a b }}", 1, "found 'b', expected '}}'; correct the template")]
    [InlineData("{{ [1, 2 }}", 1, "found '}', expected ']'; correct the template")]
    [InlineData("\n{% call loud() %}a{% endcall %}", 2, "found the statement 'call', expected only if, for, set, macro, break, continue, " +
        "generation; take another template")]
    [InlineData("{{ range(*names) }}", 1, "found '*' before an argument, expected arguments one by one; take another template")]
    [InlineData("{{ map.items }}", 1, "found '.items', which Jinja takes for a method of Python's, expected a field; write ['items']")]
    public void Refuses_the_rest_by_name_and_line(string template, int line, string? message)
    {
        var error = Assert.Throws<TemplateException>(() => Render(template));
        if (message is null) Assert.Matches("^found the (filter 'round'|test 'prime'|method 'zfill\\(\\)'), expected only .*; " +
            "take another template$", error.Message);
        else Assert.Equal(message, error.Message);
        Assert.Equal(line, error.Line);
    }

    [Fact]
    public void What_is_not_known_does_no_harm_where_nothing_comes_to_it() =>
        Assert.Equal("a", Render("{% if n is none %}{{ text | wordwrap(3) }}{{ n is prime }}{{ text.zfill(3) }}{{ lipsum() }}{{ " +
            "map.items }}{{ f(*names) }}{% call f() %}b{% endcall %}{% endif %}a"));

    // A template is untrusted: whatever it says ends soon, in one line.
    [Theory]
    [InlineData("{{ ", "(", 10_000)]
    [InlineData("{{ ", "[", 10_000)]
    [InlineData("{{ ", "{'a': ", 10_000)]
    [InlineData("{{ ", "not ", 10_000)]
    [InlineData("{{ ", "-", 10_000)]
    [InlineData("{{ n", " + n", 10_000)]
    [InlineData("{{ n", " ~ n", 10_000)]
    [InlineData("{{ n", " and n", 10_000)]
    [InlineData("{{ n", " < n", 10_000)]
    [InlineData("{{ n", "|string", 10_000)]
    [InlineData("{{ n", ".a", 10_000)]
    [InlineData("{{ n", "[0]", 10_000)]
    [InlineData("{{ n", " is defined", 10_000)]
    [InlineData("{{ n", " if n else n", 10_000)]
    [InlineData("", "{% if n %}", 10_000)]
    [InlineData("", "{% for x in names %}", 10_000)]
    [InlineData("", "{% macro f() %}", 10_000)]
    [InlineData("", "{% set x %}", 10_000)]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "", 0)]
    [InlineData("{% for x in range(100000) %}{% for y in range(100000) %}{% endfor %}{% endfor %}", "", 0)]
    [InlineData("{% for x in range(9223372036854775807) %}{% endfor %}", "", 0)]
    [InlineData("{% set ns = namespace(a='x') %}{% for x in range(100) %}{% set ns.a = ns.a + ns.a %}{% endfor %}", "", 0)]
    [InlineData("{% set ns = namespace(a='x') %}{% for x in range(100) %}{% set ns.a = ns.a | replace('x', 'xx') %}{% endfor %}", "", 0)]
    [InlineData("{% set ns = namespace(a=[1]) %}{% for x in range(100) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a | tojson }}", "",
        0)]
    [InlineData("{% set ns = namespace(a=[1]) %}{% for x in range(99) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a == ns.a }}", "",
        0)]
    [InlineData("{{ 'x' * 9223372036854775807 }}", "", 0)]
    [InlineData("{% set a = 'a' * 1000000 %}{% set b = 'a' * 500000 ~ 'b' %}{{ b in a }}", "", 0)]
    [InlineData("{{ [[1]] | tojson(indent=9223372036854775807) }}{{ 'x' * 6000000 }}", "", 0)]
    [InlineData("{% for x in range(1000) %}", "{{ 'x' * 100 }}", 1000)]
    [InlineData("{% for x in range(1000) %}", "{{ (' ' * 100000) | trim }}", 1)]
    [InlineData("{% set s = ' ' * 1000000 %}{% for x in range(100000) %}{{ s | trim }}{{ s | length }}{% endfor %}", "", 0)]
    [InlineData("{% set s = 'x' * 1000000 %}{% set t = 'x' * 1000000 %}{% for x in range(100000) %}{{ s == t }}{% endfor %}", "", 0)]
    [InlineData("{% set s = 'x' * 1000000 %}{% for x in range(100000) %}{{ map[s] }}{{ map.get(s) }}{{ s in map }}{% endfor %}", "", 0)]
    [InlineData("{% set s = 'x' * 1000000 %}{% for x in range(100000) %}{% set m = {s: 1} %}{{ s.startswith((s, s)) }}{% endfor %}", "", 0)]
    public void Ends_soon_whatever_a_template_does(string start, string more, int times)
    {
        var watch = Stopwatch.StartNew();
        var closed = start.StartsWith("{% for x in range(1000)", StringComparison.Ordinal) ? "{% endfor %}" : "";
        var error = Assert.Throws<TemplateException>(() => Render(start + string.Concat(Enumerable.Repeat(more, times)) + closed));
        Assert.Matches("^found (more than (200 parts nested or joined|5000000 steps and characters|50 calls inside each other|100 lists " +
            "inside each other)), expected fewer; ", error.Message);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("{{ ", "(", "", "", "")]
    [InlineData("{% macro f(n) %}{{ ", "[", "f(n + 1)", "]", " is none }}{% endmacro %}{{ f(1) }}")]
    [InlineData("{% macro f(n) %}", "{% if not not n %}", "{{ f(n + 1) }}", "{% endif %}", "{% endmacro %}{{ f(1) }}")]
    public void A_thread_with_a_small_stack_is_enough(string start, string open, string middle, string close, string end)
    {
        Exception? error = null;
        var times = close.Length == 0 ? 10_000 : 190;
        var template = start + string.Concat(Enumerable.Repeat(open, times)) + middle + string.Concat(Enumerable.Repeat(close, times))
            + end;
        var thread = new Thread(() => error = Record.Exception(() => Render(template)), maxStackSize: 256 << 10);
        thread.Start();
        thread.Join();
        Assert.IsType<TemplateException>(error);
    }

    [Theory]
    [InlineData("{{n}}", "7")]
    [InlineData("{%set a=n%}\n", "")]
    [InlineData("{{'a'\n'b'\n}}", "ab")]
    public void Many_parts_take_no_long(string part, string expected)
    {
        var watch = Stopwatch.StartNew();
        var times = 900_000 / part.Length;
        Assert.Equal(string.Concat(Enumerable.Repeat(expected, times)), Render(string.Concat(Enumerable.Repeat(part, times))));
        Assert.Equal(900_000 / 4, Render("{{" + string.Concat(Enumerable.Repeat("'a' ", 900_000 / 4)) + "}}").Length);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_template_of_a_million_characters_is_refused()
    {
        var error = Assert.Throws<TemplateException>(() => Render(new string('x', (1 << 20) + 1)));
        Assert.Equal("found 1048577 characters, expected at most 1048576; take a simpler template", error.Message);
    }

    private static string Render(string template)
    {
        var json = JsonPlace.Of("document", JsonElement.Parse(Document), new(""));
        return JinjaTemplate.Parse(template, TemplateRules.Chat).Render((Dictionary<string, object?>)TemplateValue.Of(json)!);
    }
}
