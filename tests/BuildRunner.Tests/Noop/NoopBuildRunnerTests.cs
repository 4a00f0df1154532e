using System.Globalization;

namespace BuildRunner.Tests.Noop;

public sealed class NoopBuildRunnerTests
{
    private readonly NoopBuildRunner _runner = new();

    [Fact]
    public void It_is_a_build_runner()
    {
        _runner.Should().BeAssignableTo<IBuildRunner>();
    }

    [Fact]
    public async Task Ids_count_from_one()
    {
        string[] ids = [await TriggerAsync(), await TriggerAsync(), await TriggerAsync()];

        ids.Should().Equal("noop-1", "noop-2", "noop-3");
    }

    [Fact]
    public async Task Each_instance_counts_by_itself()
    {
        await TriggerAsync();

        var first = await new NoopBuildRunner().TriggerAsync(new BuildRequest());

        first.Should().Be(new BuildId("noop-1"));
    }

    [Fact]
    public async Task The_same_trigger_key_is_another_build()
    {
        var request = new BuildRequest { TriggerKey = "merge-7" };

        var first = await _runner.TriggerAsync(request);
        var second = await _runner.TriggerAsync(request);

        second.Should().NotBe(first);
    }

    [Fact]
    public async Task The_request_does_not_show_in_the_id_or_in_the_status()
    {
        var request = new BuildRequest { Base = [new Change("git://host/repo/a")], Head = [new Change("git://host/repo/b")], Metadata = [new("queue", "main")] };

        var buildId = await _runner.TriggerAsync(request);

        buildId.Value.Should().Be("noop-1");
        (await _runner.StatusAsync(buildId)).Metadata.Should().BeSameAs(BuildMetadata.Empty);
    }

    [Fact]
    public void Ids_are_unique_under_many_threads()
    {
        const int Threads = 8;
        const int BuildsPerThread = 50_000;
        var ids = new string[Threads][];
        using var start = new Barrier(Threads);
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            var own = new string[BuildsPerThread];
            start.SignalAndWait();
            for (var i = 0; i < own.Length; i++)
            {
                own[i] = _runner.TriggerAsync([], []).GetAwaiter().GetResult().Value;
            }

            ids[number] = own;
        })).ToList();

        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        var expected = Enumerable.Range(1, Threads * BuildsPerThread).Select(number => $"noop-{number}").ToHashSet();
        expected.SetEquals(ids.SelectMany(own => own)).Should().BeTrue();
    }

    [Theory]
    [InlineData("ar-SA")]
    [InlineData("fa-IR")]
    [InlineData("sv-SE")]
    [InlineData("de-CH")]
    public async Task Ids_do_not_depend_on_the_culture(string name)
    {
        var culture = (CultureInfo)CultureInfo.GetCultureInfo(name).Clone();
        culture.NumberFormat.NativeDigits = ["٠", "١", "٢", "٣", "٤", "٥", "٦", "٧", "٨", "٩"];
        CultureInfo.CurrentCulture = culture;
        for (var i = 0; i < 1_000; i++)
        {
            await TriggerAsync();
        }

        var id = await TriggerAsync();

        id.Should().Be("noop-1001");
    }

    [Theory]
    [InlineData("noop-1")]
    [InlineData("noop-999")]
    [InlineData("https://ci.example.com/job/12")]
    [InlineData("7f3c")]
    public async Task Every_id_has_succeeded_without_metadata(string id)
    {
        var snapshot = await _runner.StatusAsync(new BuildId(id));

        snapshot.Should().Be(new BuildSnapshot { Status = BuildStatus.Succeeded, Metadata = BuildMetadata.Empty, PollAfter = null });
    }

    [Fact]
    public async Task A_cancelled_build_has_succeeded_all_the_same()
    {
        var buildId = await _runner.TriggerAsync(new BuildRequest());

        await _runner.CancelAsync(buildId);
        await _runner.CancelAsync(buildId);

        (await _runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public void Every_call_completes_at_once()
    {
        Task[] calls = [_runner.TriggerAsync(new BuildRequest()), _runner.StatusAsync(new BuildId("noop-1")), _runner.CancelAsync(new BuildId("noop-1"))];

        calls.Should().OnlyContain(call => call.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_null_request_is_refused()
    {
        Func<Task> act = () => _runner.TriggerAsync(null!);

        (await act.Should().ThrowAsync<ArgumentNullException>()).WithParameterName("request");
    }

    [Fact]
    public async Task A_refused_request_is_not_counted()
    {
        Func<Task> act = () => _runner.TriggerAsync(null!);
        await act.Should().ThrowAsync<ArgumentNullException>();

        (await TriggerAsync()).Should().Be("noop-1");
    }

    [Fact]
    public async Task The_status_of_the_default_id_is_refused()
    {
        Func<Task> act = () => _runner.StatusAsync(default);

        (await act.Should().ThrowExactlyAsync<ArgumentException>()).WithParameterName("buildId");
    }

    [Fact]
    public async Task The_cancel_of_the_default_id_is_refused()
    {
        Func<Task> act = () => _runner.CancelAsync(default);

        (await act.Should().ThrowExactlyAsync<ArgumentException>()).WithParameterName("buildId");
    }

    [Fact]
    public void It_declares_no_capability()
    {
        _runner.As<IBuildFinder>().Should().BeNull();
        _runner.As<IBuildLogSource>().Should().BeNull();
    }

    private async Task<string> TriggerAsync() => (await _runner.TriggerAsync(new BuildRequest())).Value;
}
