using Harness.Measuring.Worlds;

namespace Harness.Tests.Worlds;

public sealed class WorldTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("world").FullName;

    private string File => Path.Combine(folder, "world.json");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Loads_what_was_saved_and_saves_it_in_the_same_bytes()
    {
        var world = WorldGenerator.Generate(new WorldOptions(), seed: 3);
        world.Save(File);
        var first = System.IO.File.ReadAllBytes(File);
        World.Load(File).Save(File);
        Assert.Equal(first, System.IO.File.ReadAllBytes(File));
        Assert.Equal(world.Facts, World.Load(File).Facts);
    }

    [Fact]
    public void A_fact_with_a_foreign_object_is_an_error_that_names_file_and_fact()
    {
        var world = WorldGenerator.Generate(new WorldOptions(), seed: 3);
        var fact = world.Facts[0];
        (world with { Facts = [fact with { Object = "nonsense" }] }).Save(File);
        Assert.Equal(
            $"{File}: found object 'nonsense' of '{fact.Subject}', expected an object of '{fact.Relation}'; generate the world again",
            Error());

        (world with { Facts = [fact, fact] }).Save(File);
        Assert.Contains($"found two facts about '{fact.Subject}' and '{fact.Relation}', expected one", Error());

        string Error() => Assert.Throws<InputException>(() => World.Load(File)).Message;
    }

    [Fact]
    public void A_place_without_a_country_is_an_error()
    {
        var world = WorldGenerator.Generate(new WorldOptions { Countries = 3 }, seed: 3);
        world.Save(File);
        Assert.Equal(CanonicalJson.ToText(world), CanonicalJson.ToText(World.Load(File)));
        var place = world.Facts[^1];
        (world with { Facts = [.. world.Facts.SkipLast(1)] }).Save(File);
        Assert.Contains($"found no fact about '{place.Subject}' and '{place.Relation}', expected one for every place", Error());

        string Error() => Assert.Throws<InputException>(() => World.Load(File)).Message;
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{\"facts\":[]}")]
    [InlineData("{\"size\":3}")]
    public void What_is_no_world_is_an_error_that_names_the_file(string? text)
    {
        if (text is not null) System.IO.File.WriteAllText(File, text);
        Assert.StartsWith($"{File}: found no readable world (", Assert.Throws<InputException>(() => World.Load(File)).Message);
    }
}
