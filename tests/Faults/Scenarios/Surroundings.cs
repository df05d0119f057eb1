namespace Harness.Faults.Scenarios;

/// <summary>Languages, masks, homes, places: the same bytes.</summary>
internal sealed class Surroundings() : Scenario("surroundings", "another language, time zone, umask, home, place; few open files", 3, 9)
{
    private static readonly (string What, (string, string?)[] Environment, string? Shell, string? Place)[] All =
    [
        ("LANG=tr_TR.UTF-8 in a path with spaces", [("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8"),
            ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", null)], null, "a place with spaces"),
        ("umask 077", [], "umask 077", null),
        ("no HOME", [("HOME", null)], null, null),
        ("a HOME that cannot be written", [("HOME", "/proc/none")], null, null),
        ("LANG=ar_SA.UTF-8, TZ=Pacific/Kiritimati", [("LANG", "ar_SA.UTF-8"), ("TZ", "Pacific/Kiritimati")], null, null),
        ("a path of 200 characters", [], null, new string('p', 200)),
        ("a path in another script", [], null, "مثال-例-ß"),
        ("256 open files", [], "ulimit -n 256", null),
        ("no TMPDIR that is there", [("TMPDIR", "/nonexistent")], null, null),
    ];

    public override void Try(TrialClone clone, int count, SeededRandom random, Tally tally)
    {
        foreach (var (what, environment, shell, place) in All.Take(count))
        {
            var here = place is null ? clone : clone.Copy(Path.Combine(Path.GetDirectoryName(clone.Root)!, place));
            here.Clear();
            string[] before = shell is null ? [] : ["/bin/sh", "-c", $"{shell}; exec \"$@\"", "sh"];
            using var run = here.StartIn(here.Root, environment, [], before);
            tally.Add(here.FaultOf(run), what);
            if (place is not null) Directory.Delete(here.Root, recursive: true);
        }
    }
}
