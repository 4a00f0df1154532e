using BuildRunner.PostgreSql.Schema;
using Npgsql;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>The statements of one round trip, and what is done with the rows of each.</summary>
internal sealed class PostgreSqlBatch(PostgreSqlTables tables)
{
    private readonly List<(string Text, NpgsqlParameter[] Parameters, Action<NpgsqlDataReader>? Read, Action<int>? Written)> _statements = [];

    public bool IsEmpty => _statements.Count == 0;

    public void Add(string text, params NpgsqlParameter[] parameters) => _statements.Add((text, parameters, null, null));

    /// <summary>Adds a statement of which it is told how many rows it has written.</summary>
    public void Add(string text, Action<int> written, params NpgsqlParameter[] parameters) => _statements.Add((text, parameters, null, written));

    /// <summary>Adds a statement that gives rows, which are read by one call for each.</summary>
    public void Read(string text, Action<NpgsqlDataReader> read, params NpgsqlParameter[] parameters) => _statements.Add((text, parameters, read, null));

    /// <summary>Runs the statements.</summary>
    public async Task RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        NpgsqlBatch batch = new(connection);
        await using (batch.ConfigureAwait(false))
        {
            foreach (var (text, parameters, _, _) in _statements)
            {
                NpgsqlBatchCommand command = new(tables.Qualify(text));
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

            for (var i = 0; i < _statements.Count; i++)
            {
                _statements[i].Written?.Invoke(Math.Max(0, batch.BatchCommands[i].RecordsAffected));
            }
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
