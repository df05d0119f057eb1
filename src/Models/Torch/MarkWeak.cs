#nullable disable
using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies an x86-64 ELF library with one version that it needs marked weak (VER_FLG_WEAK in .gnu.version_r): a loader whose own library
/// lacks that version then goes on, and one that has it is not concerned. Compiled by MSBuild's inline task factory, not into the assembly.
/// </summary>
public class MarkWeak : Task
{
    private const int SectionSize = 64;
    private const uint VersionNeeds = 0x6ffffffe;

    /// <summary>The library as it comes.</summary>
    [Required]
    public string From { get; set; }

    /// <summary>Where its copy goes.</summary>
    [Required]
    public string To { get; set; }

    /// <summary>The version's name, for example <c>GLIBCXX_3.4.32</c>. It has to be needed exactly once.</summary>
    [Required]
    public string Version { get; set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        var bytes = File.ReadAllBytes(From);
        if (BitConverter.ToUInt32(bytes, 0) != 0x464c457f || bytes[4] != 2)
        {
            Log.LogError("{0}: found no 64-bit ELF library there; delete the package's folder in NuGet's cache and restore again", From);
            return false;
        }

        var marked = 0;
        var sections = (long)BitConverter.ToUInt64(bytes, 0x28);
        var count = BitConverter.ToUInt16(bytes, 0x3c);
        for (var i = 0; i < count; i++)
        {
            var section = sections + (SectionSize * i);
            if (BitConverter.ToUInt32(bytes, (int)section + 4) == VersionNeeds) marked += Mark(bytes, sections, section);
        }

        if (marked == 1) File.WriteAllBytes(To, bytes);
        else Log.LogError("{0}: found the version {1} {2} times, expected once; this project knows TorchSharp 0.107.0 only", From, Version,
            marked);
        return marked == 1;
    }

    // A section of needs: a list of libraries, each with a list of versions.
    private int Mark(byte[] bytes, long sections, long section)
    {
        Func<long, uint> word = at => BitConverter.ToUInt32(bytes, (int)at);
        Func<long, long> place = header => (long)BitConverter.ToUInt64(bytes, (int)header + 24);
        var marked = 0;
        var names = place(sections + (SectionSize * word(section + 40)));
        for (var library = place(section); ; library += word(library + 12))
        {
            var version = library + word(library + 8);
            for (var left = BitConverter.ToUInt16(bytes, (int)library + 2); left > 0; left--)
            {
                var name = (int)(names + word(version + 8));
                if (Encoding.ASCII.GetString(bytes, name, Version.Length + 1) == Version + "\0")
                {
                    bytes[version + 4] |= 2;
                    marked++;
                }

                version += word(version + 12);
            }

            if (word(library + 12) == 0) return marked;
        }
    }
}
