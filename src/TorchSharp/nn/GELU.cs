using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static partial class functional
            {
                /// <summary>x Φ(x), exactly or by the formula with tanh that GPT-2 used.</summary>
                public static Tensor gelu(Tensor x, GELU.Approximate approximate) => Aten.One("gelu", x, approximate.ToString());
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>The names of the two formulas for gelu.</summary>
    public static class GELU
    {
        public enum Approximate
        {
            none,
            tanh,
        }
    }
}
