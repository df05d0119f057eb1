using System.Globalization;
using System.Text;

namespace Harness.Models.Templates;

/// <summary>What transformers makes of <c>|tojson</c>: Python's <c>json.dumps(value, ensure_ascii=False, indent=…)</c>.</summary>
internal sealed class TemplateJson(TemplateRun run, int? indent)
{
    private readonly StringBuilder text = new();

    /// <summary>The text of a value.</summary>
    public string Write(object? value)
    {
        Append(value, 0);
        return text.ToString();
    }

    private void Append(object? value, int depth)
    {
        run.Spend(1);
        TemplateOperations.CheckDepth(depth);
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool truth:
                text.Append(truth ? "true" : "false");
                break;
            case long number:
                text.Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            case string words:
                AppendText(words);
                break;
            case List<object?> list:
                AppendItems('[', list, item => Append(item, depth + 1), ']', depth);
                break;
            case IReadOnlyDictionary<string, object?> map:
                AppendItems('{', map, pair =>
                {
                    AppendText(pair.Key);
                    text.Append(": ");
                    Append(pair.Value, depth + 1);
                }, '}', depth);
                break;
            default:
                throw new TemplateException($"found {TemplateValue.Name(value)} before '|tojson', " +
                    "expected texts, whole numbers, true, false, none, lists and maps; take another template");
        }
    }

    private void AppendItems<T>(char open, IReadOnlyCollection<T> items, Action<T> append, char close, int depth)
    {
        text.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst) text.Append(indent is null ? ", " : ",");
            isFirst = false;
            AppendLine(depth + 1);
            append(item);
        }

        if (items.Count > 0) AppendLine(depth);
        text.Append(close);
    }

    private void AppendLine(int depth)
    {
        if (indent is not { } width) return;
        run.Spend((long)width * depth);
        text.Append('\n').Append(' ', width * depth);
    }

    private void AppendText(string words)
    {
        run.Spend(words.Length);
        text.Append('"');
        foreach (var letter in words)
        {
            text.Append(letter switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\n' => @"\n",
                '\r' => @"\r",
                '\t' => @"\t",
                '\b' => @"\b",
                '\f' => @"\f",
                < ' ' => string.Create(CultureInfo.InvariantCulture, $@"\u{(int)letter:x4}"),
                _ => letter.ToString(),
            });
        }

        text.Append('"');
    }
}
