using System.Text.Json;
using Harness.Measuring.Capability.Tasks;
using Harness.Models.Json;
using Harness.Models.Templates;

namespace Harness.Tests.Capability.Tasks;

public sealed class TaskPromptsTests
{
    private const string Document = """
        {"question": " Who? ", "choices": {"text": ["x", "y"], "label": ["A", "B"], "items": 3}, "answerKey": "B", "number": 2, "many": [[1, 2], [3]],
         "none": null, "truth": true, "fraction": 0.5}
        """;

    [Theory]
    [InlineData("Question: {{question}}\nAnswer:", "Question:  Who? \nAnswer:")]
    [InlineData("{{ question.strip() }}|{{question|trim}}|{{question.lstrip()}}|{{question.rstrip()}}", "Who?|Who?|Who? | Who?")]
    [InlineData("{{choices.text[0]}}{{choices['text'][-1]}}{{choices[\"label\"][1]}}", "xyB")]
    [InlineData("{{choices.label.index(answerKey)}}", "1")]
    [InlineData("{{['no', \"yes\"][number.index]}}", null)]
    [InlineData("{{['n', 'm', 'o\\n'][number]}}", "o\n")]
    [InlineData("{{many[0][1]}} {{none}} {{truth}} {{'}}'}}", "2 None True }}")]
    [InlineData("{ {a} } }} {", "{ {a} } }} {")]
    [InlineData("{{choices['items']}}\n", "3\n")]
    public void Renders_what_Jinja_renders(string template, string? expected)
    {
        if (expected is null) Assert.Throws<TemplateException>(() => Render(template));
        else Assert.Equal(expected, Render(template));
    }

    [Theory]
    [InlineData("{% if a %}", "found '{%', a statement of Jinja, expected text and {{ expressions }}; put what it computes into the data")]
    [InlineData("a {# b #}", "found '{#', a comment of Jinja, expected text and {{ expressions }}; put what it computes into the data")]
    [InlineData("{{question|upper}}", "found the filter 'upper', expected only trim; put what it computes into the data")]
    [InlineData("{{question|strip}}", "found the filter 'strip', expected only trim; Jinja has no such filter: write trim, or .strip()")]
    [InlineData("{{question.upper()}}", "found the method 'upper()', expected only strip, lstrip, rstrip, index; " +
        "put what it computes into the data")]
    [InlineData("{{choices.items}}", "found '.items', which Jinja takes for a method of Python's, expected a field; write ['items']")]
    [InlineData("{{question.strip('x')}}", "found 1 arguments of 'strip()', expected none; correct the template")]
    [InlineData("{{qestion}}", "found no field 'qestion' in the document, " +
        "expected one of question, choices, answerKey, number, many, none, truth, fraction; correct the template or the data; " +
            "did you mean 'question'?")]
    [InlineData("{{fraction}}", "found the number 0.5 for '{{fraction}}', expected a text or a whole number; pick one of its items")]
    [InlineData("{{many}}", "found a list of 2 for '{{many}}', expected a text or a whole number; pick one of its items")]
    [InlineData("{{many[2]}}", "found item 2 of a list of 2, expected at most 1; correct the template or the data")]
    [InlineData("{{many.x}}", "found a list of 2 where item the text 'x' is asked for, " +
        "expected an object with fields or a list with numbers; correct the template or the data")]
    [InlineData("{{question + 'x'}}", "found '+ 'x'' in '{{question + 'x'}}', expected '}}'; " +
        "only fields, items, texts, lists, strip() and index() are understood here")]
    [InlineData("{{- question}}", "found '- question' in '{{- question}}', expected an expression; " +
        "only fields, items, texts, lists, strip() and index() are understood here")]
    [InlineData("{{question", "found the end in '{{question', expected '}}'; " +
        "only fields, items, texts, lists, strip() and index() are understood here")]
    public void Refuses_the_rest_by_name(string template, string message) =>
        Assert.Equal(message, Assert.Throws<TemplateException>(() => Render(template)).Message);

    [Theory]
    [InlineData("", "[")]
    [InlineData("a", "[a")]
    [InlineData("a", ".b")]
    [InlineData("a", "|trim")]
    public void The_parts_of_an_expression_are_bounded(string start, string part)
    {
        var template = $"{{{{{start}{string.Concat(Enumerable.Repeat(part, 100_000))}";
        Assert.Equal("found more than 200 parts nested or joined, expected fewer; take a simpler template",
            Assert.Throws<TemplateException>(() => Render(template)).Message);
    }

    private static string Render(string template)
    {
        var json = JsonPlace.Of("document", JsonElement.Parse(Document), new(""));
        return TaskTemplate.Parse(template).Render((Dictionary<string, object?>)TemplateValue.Of(json)!);
    }
}
