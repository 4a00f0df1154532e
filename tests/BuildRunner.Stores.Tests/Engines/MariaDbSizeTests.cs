namespace BuildRunner.Stores.Tests.Engines;

[Slow]
public sealed class MariaDbSizeTests : Suite.BuildStoreSuite<MariaDbStoreFixture>
{
    // max_allowed_packet is 16 MB unless somebody has changed it.
    [Fact]
    public async Task A_build_that_is_larger_than_a_packet_of_the_server_fails_alone()
    {
        var builds = Enumerable.Range(0, 20).Select(static i => new BuildCreate(Sample.Build($"key{i}"), [Sample.OutgoingMessage($"m{i}")])).ToList();
        var large = builds[7].Build;
        large = large with { Request = large.Request with { Metadata = [new("text", new string('x', 17 * 1024 * 1024))] } };
        builds[7] = builds[7] with { Build = large };

        var results = await Store.TryCreateAllAsync(builds, None);

        results.Select(static result => result.IsCreated).Should().Equal(builds.Select(static (_, i) => i != 7));
        results[7].Failure.Should().BeAssignableTo<System.Data.Common.DbException>();
        (await PublishedAsync()).Should().BeEquivalentTo(Enumerable.Range(0, 20).Where(static i => i != 7).Select(static i => $"m{i}"));
    }
}
