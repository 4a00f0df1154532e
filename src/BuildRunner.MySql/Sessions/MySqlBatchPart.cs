using MySqlConnector;

namespace BuildRunner.MySql.Sessions;

/// <summary>Represents statements that are sent at once.</summary>
internal sealed class MySqlBatchPart(string text, List<object?> values, List<Action<MySqlDataReader>> reads)
{
    /// <summary>Runs the statements.</summary>
    public async Task RunAsync(MySqlConnection connection, MySqlTransaction? transaction, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Values are parameters.
        MySqlCommand command = new(text, connection, transaction);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            foreach (var value in values)
            {
                command.Parameters.Add(new MySqlParameter { Value = value ?? DBNull.Value });
            }

            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await ReadAsync(reader, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ReadAsync(MySqlDataReader reader, CancellationToken cancellationToken)
    {
        foreach (var read in reads)
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

        // Errors of later statements arrive with their results.
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
        {
        }
    }
}
