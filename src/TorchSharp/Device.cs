using System.Globalization;

namespace TorchSharp;

/// <summary>Where a tensor lives; the numbers are libtorch's.</summary>
public enum DeviceType
{
    CPU = 0,
    CUDA = 1,
    META = 14,
}

public static partial class torch
{
    /// <summary>A device type and, for CUDA, an index; -1 is the current device.</summary>
    public sealed class Device
    {
        /// <summary>"cpu", "cuda", "cuda:1" or "meta".</summary>
        /// <exception cref="ArgumentException">The text names no device.</exception>
        public Device(string description)
        {
            var parts = description.Split(':');
            type = parts[0].ToUpperInvariant() switch
            {
                "CPU" => DeviceType.CPU,
                "CUDA" => DeviceType.CUDA,
                "META" => DeviceType.META,
                _ => throw new ArgumentException($"'{description}' names no device; known: cpu, cuda, cuda:0, meta", nameof(description)),
            };
            index = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : -1;
        }

        public Device(string deviceType, int index) : this(deviceType) => this.index = index;

        public Device(DeviceType type, int index = -1) => (this.type, this.index) = (type, index);

        public DeviceType type { get; }

        public int index { get; }

        /// <inheritdoc/>
        public override string ToString() => type.ToString().ToLowerInvariant() + (index >= 0 && type != DeviceType.CPU ? $":{index}" : "");

        /// <inheritdoc/>
        public override bool Equals(object? obj) => obj is Device other && other.type == type && Index(this) == Index(other);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(type, Index(this));

        private static int Index(Device device) => device.type == DeviceType.CPU ? -1 : device.index;
    }

    public static Device CPU { get; } = new(DeviceType.CPU);

    public static Device CUDA { get; } = new(DeviceType.CUDA);

    public static Device META { get; } = new(DeviceType.META);

    public static Device device(string description) => new(description);

    public static Device device(string deviceType, int index = -1) => new(deviceType, index);

    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);
}
