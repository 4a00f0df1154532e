using System.Data.Common;
using System.Diagnostics;
using System.Text;
using BuildRunner.Benchmarks.Queue;

namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>
/// The statements of the whole way of a build with a plain driver and nothing around them: the submission, the mark before the trigger, the answer, each a transaction with the messages that go with it, as one or two round trips, and
/// the messages claimed and settled by the score.
/// </summary>
internal static class BareSubmissions
{
    // As many connections as the library has.
    private const int Connections = 20;
    private const int Batch = 25;
    private const string Now = "1764500000000";
    private const string Never = "9223372036854775807";

    public static async Task<double> MeasureAsync(BenchmarkDatabase database, int count)
    {
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(0, count).Chunk(Batch), new ParallelOptions { MaxDegreeOfParallelism = database.IsFile ? 1 : Connections }, async (builds, _) =>
        {
            await using var connection = await database.ConnectAsync();
            await RunAsync(connection, database, [.. builds.Select(static _ => Guid.CreateVersion7().ToString())]);
        });
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task RunAsync(DbConnection connection, BenchmarkDatabase database, string[] ids)
    {
        foreach (var id in ids)
        {
            await ExecuteAsync(connection, $"{Begin(database)}; {InsertBuild}; {Lock("build.bare", database)}; {Lock("builddeadline", database)}", id);
            await ExecuteAsync(connection, $"{Insert("build.bare")}; {Insert("builddeadline")}; {Show("build.bare")}; {Show("builddeadline")}; COMMIT", id);
        }

        await ExecuteAsync(connection, $"{Begin(database)}; UPDATE queue_partitions SET ready_at = {Now}, current_seq = 1, lease_token = 1 WHERE topic = 'build.bare' AND partition_key IN ({In(ids)}); SELECT * FROM queue_messages WHERE topic = 'build.bare' AND partition_key IN ({In(ids)}); COMMIT", "");
        foreach (var id in ids)
        {
            await ExecuteAsync(connection, "SELECT * FROM queue_builds WHERE id = @id", id);
            await ExecuteAsync(connection, $"{Begin(database)}; UPDATE queue_builds SET trigger_attempted_at = {Now}, version = 2, save_token = 2 WHERE id = @id AND version = 1; COMMIT", id);
            await ExecuteAsync(connection, $"{Begin(database)}; UPDATE queue_builds SET status = 1, place = 11, remote_id = @id, remote_id_hash = {BitConverter.ToInt32(Encoding.UTF8.GetBytes(id), 24)}, version = 3, save_token = 3 WHERE id = @id AND version = 2; {Lock("buildsignal.bare", database)}", id);
            await ExecuteAsync(connection, $"{Insert("buildsignal.bare")}; {Show("buildsignal.bare")}; COMMIT", id);
        }

        await ExecuteAsync(connection, $"{Begin(database)}; DELETE FROM queue_messages WHERE topic = 'build.bare' AND partition_key IN ({In(ids)}); DELETE FROM queue_partitions WHERE topic = 'build.bare' AND partition_key IN ({In(ids)}); COMMIT", "");
    }

    private static string InsertBuild =>
        $"INSERT INTO queue_builds (id, build_key, owner_id, runner, request, status, cancel_cause, created_at, updated_at, deadline, attempt, priority, timeout_of, held_before, place, errors_in_a_row, version, save_token) VALUES (@id, @id, 'owner', 'bare', @payload, 0, 0, {Now}, {Now}, {Now}, 1, 50, 0, 0, 0, 0, 1, 1)";

    private static string Begin(BenchmarkDatabase database) => database.IsFile ? "BEGIN IMMEDIATE" : "BEGIN";

    private static string Lock(string topic, BenchmarkDatabase database) =>
        $"INSERT INTO queue_partitions (topic, partition_key, ready_at) VALUES ('{topic}', @id, {Never}) {(database.IsMariaDb ? "ON DUPLICATE KEY UPDATE ready_at = ready_at" : "ON CONFLICT (topic, partition_key) DO UPDATE SET ready_at = queue_partitions.ready_at")}; " +
        $"SELECT * FROM queue_partitions WHERE topic = '{topic}' AND partition_key = @id; SELECT * FROM queue_messages WHERE topic = '{topic}' AND partition_key = @id AND id = @id";

    private static string Insert(string topic) => $"INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at) VALUES ('{topic}', @id, @id, '', @headers, {Now}, {Now})";

    private static string Show(string topic) => $"UPDATE queue_partitions SET ready_at = {Now} WHERE topic = '{topic}' AND partition_key = @id";

    private static string In(string[] ids) => string.Join(", ", ids.Select(static id => $"'{id}'"));

    private static async Task ExecuteAsync(DbConnection connection, string text, string id)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = text;
        Add(command, "@id", id);
        Add(command, "@headers", """{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}""");
        Add(command, "@payload", """{"head":["git://git.example.org/shop/refs%2Fheads%2Fmain/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10"]}""");
        await using var reader = await command.ExecuteReaderAsync();
        do
        {
            while (await reader.ReadAsync())
            {
            }
        }
        while (await reader.NextResultAsync());
    }

    private static void Add(DbCommand command, string name, string value)
    {
        if (command.CommandText.Contains(name, StringComparison.Ordinal))
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
    }
}
