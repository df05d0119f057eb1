namespace Harness.Editing;

/// <summary>What an editor does with facts that are not edited (<see cref="EditSession.Examples"/>).</summary>
public enum ExampleUse
{
    /// <summary>It never looks at them.</summary>
    None,

    /// <summary>It draws on them where there are some.</summary>
    Optional,

    /// <summary>It learns from them, and cannot edit without.</summary>
    Needed,
}
