using Harness.Running;

namespace Harness.Tests.Running;

public sealed class RunDisplayTests
{
    [Theory]
    [InlineData(8.24, "8.2 s", "8 s")]
    [InlineData(0.01, "0.0 s", "1 s")]
    [InlineData(42, "42.0 s", "40 s")]
    [InlineData(59.96, "1 min 0 s", "55 s")]
    [InlineData(68, "1 min 8 s", "1 min 10 s")]
    [InlineData(117, "1 min 57 s", "2 min")]
    [InlineData(725, "12 min 5 s", "12 min")]
    [InlineData(7510, "2 h 5 min", "2 h 5 min")]
    public void Durations_are_words(double seconds, string text, string rough)
    {
        Assert.Equal(text, Duration.Text(seconds));
        Assert.Equal(rough, Duration.Rough(seconds));
    }

    [Fact]
    public void The_live_picture_shows_the_bar_and_each_worker_s_cell_with_its_last_line()
    {
        var output = new StringWriter();
        var display = LiveDisplay.On(output, width: 120);
        display.Begin(new RunProgress(5, 40, 130), 2);
        display.CellStarted(0, "model zsre/[tiny]");
        display.CellProgress(0, "epoch 3");
        display.CellProgress(0, "epoch 4 [loss 0.1]");
        display.CellStarted(1, "world town");
        display.CellEnded(1, "world town", "1.0 s", new RunProgress(10, 40, 70));
        display.End();
        output.GetStringBuilder().Clear();
        display.WritePicture();
        var lines = output.ToString().Split('\n');
        Assert.Equal($"{new string('━', 40)} 10/40, about 1 min 10 s left", lines[0].TrimEnd());
        Assert.Matches(@"^  model zsre/\[tiny\] \d+\.\d s  epoch 4 \[loss 0\.1\]$", lines[1].TrimEnd());
        Assert.DoesNotContain("world town", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Plain_lines_tell_once_a_minute_how_far_a_long_cell_is()
    {
        var (output, clock) = (new StringWriter(), new Minutes());
        var display = new PlainDisplay(output, clock);
        display.CellStarted(0, "model zsre/llama");
        display.CellProgress(0, "1 %");
        clock.Passed = 1;
        display.CellProgress(0, "2 %");
        display.CellProgress(0, "3 %");
        clock.Passed = 2;
        display.CellProgress(0, "4 %");
        Assert.Equal(["      model zsre/llama: 2 %", "      model zsre/llama: 4 %"],
            output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private sealed class Minutes : TimeProvider
    {
        public long Passed { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Passed * 60;
    }
}
