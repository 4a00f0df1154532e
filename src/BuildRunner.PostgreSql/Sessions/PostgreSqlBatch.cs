using Npgsql;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>The statements of one round trip, and what is done with the rows of each.</summary>
internal sealed class PostgreSqlBatch
{
    private readonly List<(string Text, NpgsqlParameter[] Parameters, Action<NpgsqlDataReader>? Read)> _statements = [];

    public bool IsEmpty => _statements.Count == 0;

    public void Add(string text, params NpgsqlParameter[] parameters) => _statements.Add((text, parameters, null));

    /// <summary>Adds a statement that gives rows, which are read by one call for each.</summary>
    public void Read(string text, Action<NpgsqlDataReader> read, params NpgsqlParameter[] parameters) => _statements.Add((text, parameters, read));

    /// <summary>Runs the statements.</summary>
    /// <returns>How many rows the last has written.</returns>
    public async Task<int> RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        NpgsqlBatch batch = new(connection);
        await using (batch.ConfigureAwait(false))
        {
            foreach (var (text, parameters, _) in _statements)
            {
                NpgsqlBatchCommand command = new(text);
                foreach (var parameter in parameters)
                {
                    command.Parameters.Add(parameter);
                }

                batch.BatchCommands.Add(command);
            }

            var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await ReadAsync(reader, cancellationToken).ConfigureAwait(false);
            }

            return Math.Max(0, batch.BatchCommands[^1].RecordsAffected);
        }
    }

    private async Task ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        // A statement without rows has no result of its own, so those with rows are what comes, in their order.
        foreach (var read in _statements.Select(static statement => statement.Read).OfType<Action<NpgsqlDataReader>>())
        {
            while (reader.FieldCount == 0 && await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
            {
            }

            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                read(reader);
            }

            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
        {
        }
    }
}
