using BuildRunner.PostgreSql.Schema;
using Npgsql;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>Represents the statements of one round trip and the readers of their rows.</summary>
internal sealed class PostgreSqlBatch(PostgreSqlTables tables)
{
    private readonly List<(string Text, NpgsqlParameter[] Parameters, Action<NpgsqlDataReader>? Read, Action<int>? Written)>
        _statements = [];

    public bool IsEmpty => _statements.Count == 0;

    public void Add(string text, params NpgsqlParameter[] parameters) => _statements.Add((text, parameters, null, null));

    /// <summary>Adds a statement and reports the number of rows it wrote.</summary>
    public void Add(string text, Action<int> written, params NpgsqlParameter[] parameters) =>
        _statements.Add((text, parameters, null, written));

    /// <summary>Adds a statement that returns rows, with a call for each.</summary>
    public void Read(string text, Action<NpgsqlDataReader> read, params NpgsqlParameter[] parameters) =>
        _statements.Add((text, parameters, read, null));

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
        // Only statements that return rows have a result, in order.
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
