using BuildRunner.Servers;

namespace BuildRunner.Queue.Tests.PostgreSql18;

/// <summary>As on the server of the machine, but on the newest version.</summary>
[EnginePackage("BuildRunner.PostgreSql")]
public sealed class PostgreSql18Fixture : PostgreSqlFixture
{
    // The rules are the same on both.
    public override int ModelRuns => 20;

    protected override async Task<PostgreSqlServer> ServerAsync() => await (await TestContext.Current.GetFixture<PostgreSql18Server>())!.GetAsync();
}
