using System.Data.Common;
using MySqlConnector;

namespace BuildRunner.Servers.Tests;

public sealed class MariaDbServerTests : DatabaseServerTests<MariaDbServer>
{
    protected override Task<MariaDbServer> StartAsync() => MariaDbServer.StartAsync();

    protected override DbConnection Connect(string connectionString) => new MySqlConnection(connectionString);

    protected override string Name => "mariadb";

    protected override string Durability => "SELECT CONCAT(@@innodb_flush_log_at_trx_commit, @@innodb_doublewrite)";

    protected override string Durable => "1ON";
}
