namespace Harness.Models.Templates;

/// <summary>What is wrong with a template or with what it is given: "found …, expected …; what to do", without the place.</summary>
/// <param name="message">The message.</param>
/// <param name="line">Line of the template, from 1; 0 where it is not known.</param>
public sealed class TemplateException(string message, int line = 0) : Exception(message)
{
    /// <summary>Line of the template, from 1; 0 where it is not known.</summary>
    public int Line => line;
}
