namespace Harness.Studies.Capability.Tasks;

/// <summary>What is wrong with a template or with a document's answer to it: "found …, expected …; what to do", without the place.</summary>
internal sealed class TemplateException(string message) : Exception(message);
