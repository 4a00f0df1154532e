namespace BuildRunner.Servers.Tests;

public sealed class TestServersTests
{
    [Fact]
    public async Task A_server_that_is_not_installed_skips_the_test_but_fails_it_on_a_build_server()
    {
        ServerUnavailableException reason = new("There is none.");
        var get = () => TestServers.GetAsync(Task.FromException<MariaDbServer>(reason));

        var exception = (await get.Should().ThrowAsync<Exception>()).Which;

        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            exception.Should().BeSameAs(reason);
        }
        else
        {
            exception.Message.Should().Contain("$XunitDynamicSkip$");
        }
    }
}
