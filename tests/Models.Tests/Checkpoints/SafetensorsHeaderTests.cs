using System.Text;
using Harness.Models.Checkpoints;

namespace Harness.Tests.Checkpoints;

public sealed class SafetensorsHeaderTests : IDisposable
{
    private const string Again = "; the file is damaged or not safetensors: copy or write it again";
    private readonly ScratchFolder folder = new();
    private readonly string file;

    public SafetensorsHeaderTests() => file = folder.File("model.safetensors");

    public static TheoryData<string, int, string> Damages => new()
    {
        { "[]", 0, "header: found [], expected an object" },
        { X("F32", "2", "0,8"), 4, "tensor 'x': found 4 bytes of data in the file, expected 8, where the last tensor ends" },
        { X("F32", "2", "0,8"), 12, "tensor 'x': found 12 bytes of data in the file, expected 8, where the last tensor ends" },
        { "{}", 3, "the data's start: found 3 bytes of data in the file, expected 0, where the last tensor ends" },
        { X("F32", "3", "0,8"), 8, "header: x: found 8 bytes of data, expected 12 for shape [3] of F32" },
        { X("F16", "2,-3", "0,8"), 8, "header: x.shape[1]: found -3, expected a whole number from 0 to 9223372036854775807" },
        { X("F16", "1.5", "0,8"), 8, "header: x.shape[0]: found 1.5, expected a whole number from 0 to 9223372036854775807" },
        {
            X("F32", "4294967296,4294967296", "0,0"), 0,
            "header: x: found 0 bytes of data, expected more than 2^63 for shape [4294967296, 4294967296] of F32"
        },
        { X("F32", "2", "8,0"), 8, "header: x.data_offsets: found [8,0], expected [begin, end] with begin ≤ end" },
        { X("F32", "2", "0,4,8"), 8, "header: x.data_offsets: found [0,4,8], expected [begin, end] with begin ≤ end" },
        { X("F32", "2", "4,12"), 12, "tensor 'x': found a hole, data from offset 4, expected 0, the end of the data's start" },
        {
            """{"y":{"dtype":"U8","shape":[4],"data_offsets":[2,6]},"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 6,
            "tensor 'y': found an overlap, data from offset 2, expected 4, the end of tensor 'x'"
        },
        {
            """{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1,
            "header: found 'x' more than once, expected it once"
        },
        { """{"x":{"dtype":"U8","dtype":"U8","shape":[1]}}""", 1, "header: x: found 'dtype' more than once, expected it once" },
        { """{"x":{"dtype":"U8","shape":[1]}}""", 1, "header: x.data_offsets: found nothing, expected a list" },
        { """{"x":{"dtype":"U8","shape":[1],"size":1}}""", 1,
            "header: x: found the unknown key 'size', expected only dtype, shape, data_offsets" },
        {
            """{"x":{"dtype":"U8","shape":1,"data_offsets":[0,1]}}""", 1,
            "header: x.shape: found 1, expected a list"
        },
        { """{"x":7}""", 0, "header: x: found 7, expected an object" },
        { """{"__metadata__":{"a":1}}""", 0, "header: __metadata__.a: found 1, expected a text" },
        { """{"__metadata__":{"a":"1","a":"2"}}""", 0, "header: __metadata__: found 'a' more than once, expected it once" },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Damages))]
    public void Names_file_tensor_found_and_expected(string header, int dataBytes, string message)
    {
        Write(header, dataBytes);
        Assert.Equal($"{file}: {message}{Again}", OpenError());
    }

    [Fact]
    public void An_unknown_dtype_lists_the_known_ones()
    {
        Write(X("F8_E4M3", "2", "0,2"), 2);
        Assert.Equal(
            $"{file}: header: x.dtype: found \"F8_E4M3\", expected F64, F32, F16, BF16, I64, I32, U8, BOOL; "
            + "the checkpoint is quantised: take the one that it was made from",
            OpenError());
        Write(X("U16", "2", "0,4"), 4);
        Assert.EndsWith("; convert the checkpoint to one of these", OpenError(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "found no valid JSON at byte 1 (")]
    [InlineData("{\"x\":", "found no valid JSON at byte 6 (")]
    [InlineData("{\"\\ud800\":{}}", "found text that is no Unicode, expected valid UTF-8 and whole surrogate pairs; ")]
    [InlineData("version https://git-lfs.github.com/spec/v1", "a git-lfs pointer, not the file itself; run 'git lfs pull'")]
    public void A_header_that_is_no_JSON_is_an_input_error(string header, string message)
    {
        Write(header, 4);
        Assert.StartsWith($"{file}: header: {message}", OpenError(), StringComparison.Ordinal);
    }

    [Fact]
    public void Truncated_files_and_huge_headers_are_found_before_anything_is_read()
    {
        File.WriteAllBytes(file, [1, 2, 3]);
        Assert.Equal($"{file}: header: found a file of 3 bytes, expected at least 8{Again}", OpenError());
        File.WriteAllBytes(file, [100, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}']);
        Assert.Equal($"{file}: header: found a length of 100 bytes, expected at most the 2 bytes that follow it{Again}", OpenError());
        File.WriteAllBytes(file, [.. BitConverter.GetBytes(ulong.MaxValue), (byte)'{', (byte)'}']);
        Assert.Equal($"{file}: header: found a length of 18446744073709551615 bytes, expected at most 100000000{Again}", OpenError());
        var none = folder.File("none");
        Assert.StartsWith($"{none}: found no readable file (it does not exist)", OpenError(none), StringComparison.Ordinal);
    }

    [Fact]
    public void Entries_may_stand_in_another_order_than_their_data()
    {
        Write("""{"y":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 6);
        using var opened = SafetensorsFile.Open(file);
        Assert.Equal(["x", "y"], opened.Names);
    }

    private static string X(string dtype, string shape, string offsets) =>
        $$$"""{"x":{"dtype":"{{{dtype}}}","shape":[{{{shape}}}],"data_offsets":[{{{offsets}}}]}}""";

    private void Write(string header, int dataBytes)
    {
        var json = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(file, [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. new byte[dataBytes]]);
    }

    private string OpenError(string? other = null) => Assert.Throws<InputException>(() => SafetensorsFile.Open(other ?? file)).Message;
}
