using Harness.Editing;

namespace Harness.Tests.CompiledCode;

/// <summary>Editors make ids of prompts and targets through their session, which knows whether a space is put between them.</summary>
public sealed class TargetEncodingUseTests
{
    [Fact]
    public void Only_the_session_encodes_targets_for_editors() => Assert.Equal(
        ["Harness.Editing.EditSession::Encode"],
        CompiledCall.Of(typeof(EditSession).Assembly.Location)
            .Where(call => call is { Type: "Harness.Models.TargetEncoding", Name: "Encode" })
            .Select(call => call.Caller[..call.Caller.IndexOf('(', StringComparison.Ordinal)]));
}
