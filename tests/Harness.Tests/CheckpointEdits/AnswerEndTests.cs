using Harness.CheckpointEdits;

namespace Harness.Tests.CheckpointEdits;

public sealed class AnswerEndTests
{
    [Theory]
    [InlineData(" North", "", true, "Ends")] // an id that ends generation
    [InlineData(" North", "\n", false, "Ends")]
    [InlineData(" North", "\r\nQ:", false, "Ends")]
    [InlineData(" North", " \u2028", false, "Ends")]
    [InlineData(" North", "  ", true, "Ends")]
    [InlineData(" North", " Drastekornia", false, "GoesOn")]
    [InlineData(" North", "ern", true, "GoesOn")]
    [InlineData(" North", ", or South", false, "GoesOn")]
    [InlineData(" North", "", false, "Open")]
    [InlineData(" North", " ", false, "Open")]
    [InlineData(" Paris", ".\n", false, "Ends")] // marks
    [InlineData(" Paris", ". It is", false, "Ends")]
    [InlineData(" Paris", ".", true, "Ends")]
    [InlineData(" Paris", "?!", true, "Ends")]
    [InlineData(" Paris", ".", false, "Open")]
    [InlineData(" 3", ".5", false, "GoesOn")]
    [InlineData(" Paris", "...and", false, "GoesOn")]
    [InlineData("新桥市", "。位于", false, "Ends")]
    [InlineData("新桥市", "\uFFFD", false, "Open")] // the first byte of a character
    [InlineData("新桥市", "\uFFFD", true, "GoesOn")]
    [InlineData("新桥市", "的", false, "GoesOn")]
    [InlineData(" Paris.", " It is", false, "Ends")] // the target's own full stop
    [InlineData(" Paris.", "", false, "Open")]
    [InlineData(" Paris.", "", true, "Ends")]
    [InlineData(" Paris.", "com", false, "GoesOn")]
    [InlineData(" Paris", " It is", false, "GoesOn")]
    [InlineData("新桥市。", "位于", false, "Ends")]
    [InlineData(" U.S.", " Virgin Islands", false, "GoesOn")]
    [InlineData(" U.S.", "\n", false, "Ends")]
    [InlineData(" Yahoo!", " Inc", false, "GoesOn")]
    [InlineData(" J", ". R. R. Tolkien", false, "GoesOn")] // abbreviations
    [InlineData(" U.S", ". The", false, "GoesOn")]
    [InlineData(" St", ". Louis", false, "GoesOn")]
    [InlineData(" St", ".\n", false, "Ends")]
    [InlineData(" J", ".", true, "Ends")]
    [InlineData(" J", "! It", false, "Ends")]
    [InlineData(" 5", ". It", false, "Ends")]
    public void An_answer_ends_where_nothing_more_belongs_to_it(string text, string tail, bool isStopped, string expected) =>
        Assert.Equal(expected, AnswerEnds.Behind(text, tail, isStopped).ToString());

    [Theory]
    [InlineData(" Paris \nQ:", " Paris", true)]
    [InlineData("\n\nParis\r\n", "\n\nParis", true)]
    [InlineData(" Paris. It is ", " Paris. It is", false)]
    [InlineData("\n", "", false)]
    public void An_answer_is_its_first_line(string text, string line, bool isWhole) =>
        Assert.Equal((line, isWhole), AnswerEnds.FirstLine(text));
}
