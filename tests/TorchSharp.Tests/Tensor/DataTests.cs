using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class DataTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Element_types_follow_the_package()
    {
        Assert.Equal(ScalarType.Int32, tensor(3).dtype);
        Assert.Equal(ScalarType.Int64, arange(3).dtype);
        Assert.Equal(ScalarType.Float32, zeros(2).dtype);
        Assert.Equal(ScalarType.Float32, full(2, 0.5).dtype);
        Assert.Equal(ScalarType.Bool, (zeros(2) == 0).dtype);
        Assert.Equal(ScalarType.Float64, (zeros(2, ScalarType.Float64) * 2).dtype);
        Assert.Equal(ScalarType.Float32, arange(0, 1, 0.25).dtype);
    }

    [Fact]
    public void Conversions_round_as_the_types_do()
    {
        var x = tensor(new[] { 1 / 3.0, 65504.0, 1e39, -2.5 });

        Assert.Equal([1f / 3, 65504, float.PositiveInfinity, -2.5f], x.to(float32).data<float>().ToArray());
        Assert.Equal([(Half)(1 / 3.0), Half.MaxValue, Half.PositiveInfinity, (Half)(-2.5)], x.half().data<Half>().ToArray());
        Assert.Equal([0.333984375f, 65536, float.PositiveInfinity, -2.5f], x.bfloat16().to(float32).data<float>().ToArray());
        Assert.Equal([0L, 65504, 0, -2], tensor(new[] { 0.9, 65504, 0, -2.5 }).to(int64).data<long>().ToArray());
        Assert.Equal([true, false], tensor(new[] { 0.1, 0 }).@bool().data<bool>().ToArray());
    }

    [Fact]
    public void Arrays_of_any_rank_and_numbers_become_tensors()
    {
        Assert.Equal([2L, 2], tensor(new[,] { { 1L, 2 }, { 3, 4 } }).shape);
        Assert.Equal([1L, 1, 2], from_array(new float[1, 1, 2]).shape);
        Assert.Equal([2L, 1], tensor(new List<int> { 1, 2 }, 2, 1).shape);
        Assert.Equal([3f, 4], tensor(new byte[] { 3, 4 }, dtype: float32).data<float>().ToArray());
        Assert.Equal([2f, 3], frombuffer(new long[] { 1, 2, 3 }, float32, offset: 1).data<float>().ToArray());
        Assert.Equal([], tensor(0.5).shape);
        Assert.Throws<ArgumentException>(() => tensor(new[] { 1f, 2 }, 3, 1));
    }

    [Fact]
    public void Reading_one_element_demands_or_converts_its_type()
    {
        Assert.Equal(2.5, tensor(2.5).item<double>());
        Assert.Equal(2.5f, tensor(2.5).ToSingle());
        Assert.Equal(3, tensor(new[] { 3 }).ToInt64());
        Assert.Equal(7, (int)tensor(7L));
        Assert.Equal(0.5, tensor(0.5).bfloat16().ToDouble());
        Assert.Contains("Single is not compatible with Float64", Assert.Throws<ArgumentException>(() => tensor(2.5).item<float>()).Message);
        Assert.Contains("found 2", Assert.Throws<ArgumentException>(() => zeros(2).item<float>()).Message);
    }

    [Fact]
    public void Elements_are_read_in_row_major_order_whatever_the_strides()
    {
        var transposed = arange(6).view(2, 3).T;

        Assert.Equal([0L, 3, 1, 4, 2, 5], transposed.data<long>().ToArray());
        Assert.Equal([0L, 3, 1, 4, 2, 5], transposed.data<long>());
        Assert.Equal(4, transposed.data<long>()[1, 1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => transposed.data<long>()[3, 0]);
        Assert.Throws<InvalidOperationException>(() => transposed.bytes.Length);
    }

    [Fact]
    public void Bytes_go_to_a_stream_and_back()
    {
        var x = randn(3, 5).bfloat16();
        using var stream = new MemoryStream();

        x.T.WriteBytesToStream(stream);
        stream.Position = 0;
        var back = empty(5, 3, bfloat16);
        back.ReadBytesFromStream(stream);

        Assert.Equal(30, stream.Length);
        Assert.True(back.Equals(x.T));
        Assert.Throws<EndOfStreamException>(() => back.ReadBytesFromStream(stream));
        back.bytes = x.bytes;
        Assert.True(back.view(3, 5).Equals(x));
    }

    [Fact]
    public void A_file_is_mapped()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, BitConverter.GetBytes(1.5f).Concat(BitConverter.GetBytes(-2f)).ToArray());
            using var mapped = from_file(file, shared: false, size: 2, dtype: float32);
            Assert.Equal([1.5f, -2], mapped.data<float>().ToArray());
        }
        finally
        {
            File.Delete(file);
        }
    }
}
