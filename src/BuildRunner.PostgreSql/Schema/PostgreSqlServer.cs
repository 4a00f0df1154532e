using Npgsql;

namespace BuildRunner.PostgreSql.Schema;

/// <summary>Checks whether a database can hold a queue.</summary>
internal static class PostgreSqlServer
{
    /// <summary>Throws if the database cannot hold a queue.</summary>
    public static async Task CheckAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        NpgsqlCommand command = new("SELECT current_setting('server_encoding')", connection);
        await using (command.ConfigureAwait(false))
        {
            var encoding = (string?)await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            if (encoding != "UTF8")
            {
                throw new InvalidOperationException(
                    $"The database '{connection.Database}' has the encoding {encoding}, but the queue needs UTF8. Create one with: "
                    + "CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0.");
            }
        }
    }
}
