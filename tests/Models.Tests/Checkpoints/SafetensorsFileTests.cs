using System.Buffers.Binary;
using System.Text;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Tests.Checkpoints;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly string file;

    public SafetensorsFileTests() => file = folder.File("model.safetensors");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ScalarType.Float64, 8)]
    [InlineData(ScalarType.Float32, 4)]
    [InlineData(ScalarType.Float16, 2)]
    [InlineData(ScalarType.BFloat16, 2)]
    [InlineData(ScalarType.Int64, 8)]
    [InlineData(ScalarType.Int32, 4)]
    [InlineData(ScalarType.Byte, 1)]
    [InlineData(ScalarType.Bool, 1)]
    public void Round_trips_every_dtype_bit_for_bit(ScalarType dtype, int size)
    {
        using var scope = NewDisposeScope();
        var values = TensorArithmetic.Counting(24).to(ScalarType.Float32).remainder(Held(7)).to(dtype).reshape(2, 3, 4);
        SafetensorsFile.Write(file, [("x", values)]);
        using var opened = SafetensorsFile.Open(file);
        var read = opened.Read("x");
        Assert.Equal((dtype, dtype), (read.dtype, opened.Find("x").Dtype.Type));
        Assert.Equal([2, 3, 4], read.shape);
        Assert.Equal([2, 3, 4], opened.ShapeOf("x"));
        Assert.Equal(24 * size, read.bytes.Length);
        Assert.True(values.bytes.SequenceEqual(read.bytes));
    }

    [Fact]
    public void Keeps_order_metadata_scalars_empty_tensors_and_views()
    {
        using var scope = NewDisposeScope();
        var matrix = TensorArithmetic.Counting(6).to(ScalarType.Float32).reshape(2, 3);
        var (none, scalar) = (zeros([0L, 5L], dtype: ScalarType.Float32), ones(Array.Empty<long>(), dtype: ScalarType.Int64));
        SafetensorsFile.Write(
            file,
            [("z", matrix.transpose(0, 1)), ("a", none), ("m", scalar)],
            new Dictionary<string, string> { ["format"] = "pt", ["author"] = "Zoë" });
        using var opened = SafetensorsFile.Open(file);
        Assert.Equal(["z", "a", "m"], opened.Names);
        Assert.Equal([("author", "Zoë"), ("format", "pt")], opened.Metadata.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], opened.Read("z").data<float>().ToArray());
        Assert.Equal([0, 5], opened.Read("a").shape);
        Assert.Empty(opened.Read("m").shape);
        Assert.Equal(1, opened.Read("m").item<long>());
    }

    [Fact]
    public void Writes_the_bytes_that_the_format_prescribes()
    {
        using var scope = NewDisposeScope();
        SafetensorsFile.Write(file, [("x", ones([2L], dtype: ScalarType.Float32))]);
        var bytes = File.ReadAllBytes(file);
        const string Header = """{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  """;
        Assert.Equal(0, Header.Length % 8);
        Assert.Equal((ulong)Header.Length, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        Assert.Equal(Header, Encoding.UTF8.GetString(bytes, 8, Header.Length));
        Assert.Equal([0, 0, 0x80, 0x3F, 0, 0, 0x80, 0x3F], bytes[(8 + Header.Length)..]);
    }

    [Fact]
    public void Reading_and_writing_leave_no_tensor_behind()
    {
        using var scope = NewDisposeScope();
        var value = ones([4L, 4L], dtype: ScalarType.Float32);
        var before = scope.DisposablesCount;
        SafetensorsFile.Write(file, [("x", value.transpose(0, 1))]);
        using var opened = SafetensorsFile.Open(file);
        opened.Read("x").Dispose();
        Assert.Equal(before + 1, scope.DisposablesCount); // the transposed view made here
    }

    [Fact]
    public void An_unknown_name_gets_the_nearest_one()
    {
        using var scope = NewDisposeScope();
        SafetensorsFile.Write(file, [("model.norm.weight", ones([2L]))]);
        using var opened = SafetensorsFile.Open(file);
        Assert.Equal(
            $"{file}: tensor 'model.norm.weigth': found none of that name, expected one of the file's 1; "
            + "did you mean 'model.norm.weight'?; check that the file belongs to its configuration",
            Assert.Throws<InputException>(() => opened.Read("model.norm.weigth")).Message);
    }

    [Fact]
    public void Names_given_twice_and_dtypes_without_a_code_are_refused()
    {
        using var scope = NewDisposeScope();
        var value = ones([2L], dtype: ScalarType.Float32);
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(file, [("x", value), ("x", value)]));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(file, [("__metadata__", value)]));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(file, [("x", value.to(ScalarType.Int16))]));
        Assert.Empty(folder.Names());
    }
}
