namespace BuildRunner.Fakes;

/// <summary>What each fake does to a create beside what its service does, when a test asks for it.</summary>
public abstract class FakeServiceTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(502, true)]
    [InlineData(502, false)]
    [InlineData(302, true)]
    public async Task A_create_is_accepted_or_not_and_its_answer_is_lost_or_that_of_a_proxy(int status, bool acts)
    {
        Service.Fail(static request => request.Method == "POST", status == 0 ? FakeReply.Lost : FakeReply.Html(status), acts);
        var act = () => SendCreateAsync("one");

        if (status == 0)
        {
            await act.Should().ThrowAsync<HttpRequestException>();
        }
        else
        {
            using var reply = await act();
            ((int)reply.StatusCode, reply.Content.Headers.ContentType!.MediaType).Should().Be((status, "text/html"));
        }

        (Creates, Builds).Should().Be((1, acts ? 1 : 0), "each create is counted where it arrives");
        using var later = await SendCreateAsync("two");
        (Creates, Builds).Should().Be((2, acts ? 2 : 1), "one answer was asked for");
    }

    [Fact]
    public async Task The_same_create_twice_makes_what_the_service_makes_of_it()
    {
        using var one = await SendCreateAsync("one");
        using var other = await SendCreateAsync("one");

        (Creates, Builds).Should().Be((2, OfTheSame));
    }

    private protected abstract FakeService Service { get; }

    /// <summary>Gets how many creates have arrived.</summary>
    protected abstract int Creates { get; }

    /// <summary>Gets how many builds there are.</summary>
    protected abstract int Builds { get; }

    /// <summary>Gets how many builds two creates with the same key make.</summary>
    protected virtual int OfTheSame => 2;

    protected abstract Task<HttpResponseMessage> SendCreateAsync(string key);
}
