using Npgsql;

namespace BuildRunner.PostgreSql.Schema;

/// <summary>What a database must be so that it can have a queue.</summary>
internal static class PostgreSqlServer
{
    /// <summary>Refuses a database that cannot have a queue.</summary>
    public static async Task CheckAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        NpgsqlCommand command = new("SELECT current_setting('server_encoding')", connection);
        await using (command.ConfigureAwait(false))
        {
            var encoding = (string?)await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            if (encoding != "UTF8")
            {
                throw new InvalidOperationException(
                    $"The database '{connection.Database}' has the encoding {encoding}, which cannot store every text; the queue needs UTF8. Create one with: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0.");
            }
        }
    }
}
