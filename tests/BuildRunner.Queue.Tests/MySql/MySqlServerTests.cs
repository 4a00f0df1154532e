using BuildRunner.MySql;
using BuildRunner.MySql.Galera;
using BuildRunner.MySql.Schema;

namespace BuildRunner.Queue.Tests.MySql;

public sealed class MySqlServerTests
{
    [Theory]
    [InlineData("10.6.0-MariaDB")]
    [InlineData("10.11.19-MariaDB-0+deb12u1")]
    [InlineData("11.8.3-MariaDB-log")]
    [InlineData("8.0.1-dmr")]
    [InlineData("8.4.3")]
    [InlineData("a server that says no version")]
    public void A_server_that_can_skip_locked_rows_can_have_a_queue(string version) =>
        MySqlServer.Refuse(Settings(version), noBackslashEscapes: false).Should().BeNull();

    [Theory]
    [InlineData("10.5.29-MariaDB")]
    [InlineData("5.5.68-MariaDB")]
    [InlineData("8.0.0-dmr")]
    [InlineData("5.7.44-log")]
    public void A_server_that_cannot_is_refused(string version) =>
        MySqlServer.Refuse(Settings(version), noBackslashEscapes: false).Should().NotBeNull();

    [Fact]
    public void A_server_that_undoes_the_transaction_on_a_timeout_is_refused() =>
        MySqlServer.Refuse(Settings("8.4.3", ("innodb_rollback_on_timeout", "ON")), noBackslashEscapes: false).Should().NotBeNull();

    [Theory]
    [InlineData("ON", "STATEMENT", false)]
    [InlineData("ON", "MIXED", true)]
    [InlineData("ON", "ROW", true)]
    [InlineData("OFF", "STATEMENT", true)]
    public void A_server_is_refused_that_logs_statements_for_its_replicas(string log, string format, bool isAccepted) =>
        (MySqlServer.Refuse(Settings("8.4.3", ("log_bin", log), ("binlog_format", format)), noBackslashEscapes: false) is null).Should().Be(isAccepted);

    [Theory]
    [InlineData("STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES", false, false)]
    [InlineData("STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES", true, true)]
    [InlineData("STRICT_TRANS_TABLES", true, false)]
    [InlineData("", false, true)]
    public void A_server_is_refused_that_reads_a_backslash_as_the_driver_does_not_write_it(string mode, bool noBackslashEscapes, bool isAccepted) =>
        (MySqlServer.Refuse(Settings("8.4.3", ("sql_mode", mode)), noBackslashEscapes) is null).Should().Be(isAccepted);

    [Theory]
    [InlineData("ON", "/usr/lib/galera/libgalera_smm.so", true)]
    [InlineData("ON", "none", false)]
    [InlineData("OFF", "/usr/lib/galera/libgalera_smm.so", false)]
    public void A_server_is_a_node_of_a_cluster_if_it_replicates(string isOn, string provider, bool isNode) =>
        GaleraWriter.IsNode(Settings("10.11.19-MariaDB", ("wsrep_on", isOn), ("wsrep_provider", provider))).Should().Be(isNode);

    [Fact]
    public void A_server_that_knows_no_clusters_is_no_node() => GaleraWriter.IsNode(Settings("8.4.3")).Should().BeFalse();

    [Fact]
    public async Task Unless_said_otherwise_another_node_is_refused_for_ten_seconds()
    {
        await using MySqlQueueDatabase database = new("Server=127.0.0.1", TimeProvider.System);

        database.WriterSilence.Should().Be(TimeSpan.FromSeconds(10));
    }

    private static Dictionary<string, string> Settings(string version, params (string Name, string Value)[] settings) =>
        settings.Append(("version", version)).ToDictionary(static setting => setting.Item1, static setting => setting.Item2);
}
