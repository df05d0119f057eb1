using System.Text.Json;

namespace Harness.Running;

/// <summary>Small JSON files beside results that are only notes: one that cannot be read is one that is not there.</summary>
internal static class StoredJson
{
    /// <summary>A file's value; null where it is missing, unreadable or damaged.</summary>
    public static T? ReadOrNull<T>(string file) where T : class
    {
        try
        {
            return CanonicalJson.FromText<T>(File.ReadAllText(file));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
