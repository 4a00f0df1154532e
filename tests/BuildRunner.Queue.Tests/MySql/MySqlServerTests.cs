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
        MySqlServer.Refuse(version, rollsBackOnTimeout: false, "STRICT_TRANS_TABLES", noBackslashEscapes: false).Should().BeNull();

    [Theory]
    [InlineData("10.5.29-MariaDB")]
    [InlineData("5.5.68-MariaDB")]
    [InlineData("8.0.0-dmr")]
    [InlineData("5.7.44-log")]
    public void A_server_that_cannot_is_refused(string version) =>
        MySqlServer.Refuse(version, rollsBackOnTimeout: false, "", noBackslashEscapes: false).Should().NotBeNull();

    [Fact]
    public void A_server_that_undoes_the_transaction_on_a_timeout_is_refused() =>
        MySqlServer.Refuse("8.4.3", rollsBackOnTimeout: true, "", noBackslashEscapes: false).Should().NotBeNull();

    [Theory]
    [InlineData("STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES", false, false)]
    [InlineData("STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES", true, true)]
    [InlineData("STRICT_TRANS_TABLES", true, false)]
    [InlineData("", false, true)]
    public void A_server_is_refused_that_reads_a_backslash_as_the_driver_does_not_write_it(string mode, bool noBackslashEscapes, bool isAccepted) =>
        (MySqlServer.Refuse("8.4.3", rollsBackOnTimeout: false, mode, noBackslashEscapes) is null).Should().Be(isAccepted);
}
