using System.Data;
using System.Data.Common;
using BuildRunner.Queue;
using BuildRunner.Servers;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using MySqlConnector;
using Npgsql;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>The server of an engine, or the directory of its files, for as long as something is measured.</summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    private readonly Func<Task<string>> _create;
    private readonly Func<string, Action<QueueBuilder>> _use;
    private readonly Func<Workload, string, Task<Prototype>>? _createPrototype;
    private readonly Func<string, DbConnection>? _connect;
    private readonly IAsyncDisposable? _server;
    private string _last = "";

    private BenchmarkDatabase(Func<Task<string>> create, Func<string, Action<QueueBuilder>> use, Func<Workload, string, Task<Prototype>>? createPrototype, Func<string, DbConnection>? connect, IAsyncDisposable? server)
    {
        _create = create;
        _use = use;
        _createPrototype = createPrototype;
        _connect = connect;
        _server = server;
    }

    public static async Task<BenchmarkDatabase> StartAsync(string engine)
    {
        switch (engine)
        {
            case "postgres":
                var postgres = await PostgreSqlServer.StartAsync();
                return new(() => postgres.CreateDatabaseAsync(), static connection => queue => queue.UsePostgreSql(connection), PostgreSqlPrototype.CreateAsync, static connection => new NpgsqlConnection(connection), postgres);
            case "mariadb":
                var mariadb = await MariaDbServer.StartAsync();
                return new(() => mariadb.CreateDatabaseAsync(), static connection => queue => queue.UseMySql(connection), MariaDbPrototype.CreateAsync, static connection => new MySqlConnection(connection), mariadb);
            case "sqlite":
                SqliteFiles files = new();
                return new(
                    () => Task.FromResult(files.NewPath()),
                    static path => queue => queue.UseSqlite($"Data Source={path}"),
                    static (workload, path) => Task.FromResult(SqlitePrototype.Create(workload, path)),
                    static path => new SqliteConnection($"Data Source={path};Pooling=false"),
                    files);
            default:
                return new(static () => Task.FromResult(""), static _ => static queue => queue.UseInMemory(), createPrototype: null, connect: null, server: null);
        }
    }

    /// <summary>Makes an empty database, and gets what has a queue use it.</summary>
    public async Task<Action<QueueBuilder>> CreateAsync() => _use(_last = await _create());

    /// <summary>Gets a value indicating whether there is a database at all.</summary>
    public bool HasServer => _connect is not null;

    public bool IsFile => _server is SqliteFiles;

    public bool IsMariaDb => _server is MariaDbServer;

    /// <summary>Gets the CPU time of the server, where there is one.</summary>
    public TimeSpan CpuTime => (_server as DatabaseServer)?.CpuTime ?? TimeSpan.Zero;

    /// <summary>Gets the size of the write-ahead log of the file that was made last, or <see langword="null"/> on a server.</summary>
    public long? LogBytes => IsFile ? new FileInfo(_last + "-wal") is { Exists: true } log ? log.Length : 0 : null;

    /// <summary>Opens a connection to the database that was made last.</summary>
    public async Task<DbConnection> ConnectAsync()
    {
        var connection = _connect!(_last);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Opens a transaction on the database that was made last that goes on seeing what is there now, as a long report does.</summary>
    public async Task<DbConnection> HoldSnapshotAsync()
    {
        var connection = await ConnectAsync();
        var transaction = connection is SqliteConnection file ? file.BeginTransaction(deferred: true) : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT COUNT(*) FROM queue_partitions";
        await command.ExecuteScalarAsync();
        return connection;
    }

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
