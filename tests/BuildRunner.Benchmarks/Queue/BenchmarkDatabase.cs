using BuildRunner.Queue;
using BuildRunner.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>The server of an engine, or the directory of its files, for as long as something is measured.</summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    private readonly Func<Task<string>> _create;
    private readonly Func<string, Action<QueueBuilder>> _use;
    private readonly Func<Workload, string, Task<Prototype>>? _createPrototype;
    private readonly IAsyncDisposable? _server;

    private BenchmarkDatabase(Func<Task<string>> create, Func<string, Action<QueueBuilder>> use, Func<Workload, string, Task<Prototype>>? createPrototype, IAsyncDisposable? server)
    {
        _create = create;
        _use = use;
        _createPrototype = createPrototype;
        _server = server;
    }

    public static async Task<BenchmarkDatabase> StartAsync(string engine)
    {
        switch (engine)
        {
            case "postgres":
                var postgres = await PostgreSqlServer.StartAsync();
                return new(() => postgres.CreateDatabaseAsync(), static connection => queue => queue.UsePostgreSql(connection), PostgreSqlPrototype.CreateAsync, postgres);
            case "mariadb":
                var mariadb = await MariaDbServer.StartAsync();
                return new(() => mariadb.CreateDatabaseAsync(), static connection => queue => queue.UseMySql(connection), MariaDbPrototype.CreateAsync, mariadb);
            case "sqlite":
                SqliteFiles files = new();
                return new(
                    () => Task.FromResult(files.NewPath()),
                    static path => queue => queue.UseSqlite($"Data Source={path}"),
                    static (workload, path) => Task.FromResult(SqlitePrototype.Create(workload, path)),
                    files);
            default:
                return new(static () => Task.FromResult(""), static _ => static queue => queue.UseInMemory(), createPrototype: null, server: null);
        }
    }

    /// <summary>Makes an empty database, and gets what has a queue use it.</summary>
    public async Task<Action<QueueBuilder>> CreateAsync() => _use(await _create());

    /// <summary>Makes the bare statements on an empty database, or <see langword="null"/> where the engine has none.</summary>
    public async Task<Prototype?> CreatePrototypeAsync(Workload workload) => _createPrototype is null ? null : await _createPrototype(workload, await _create());

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private sealed class SqliteFiles : IAsyncDisposable
    {
        private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("buildrunner-queue-");
        private int _count;

        public string NewPath() => Path.Combine(_directory.FullName, $"{++_count}.db");

        public ValueTask DisposeAsync()
        {
            _directory.Delete(recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
