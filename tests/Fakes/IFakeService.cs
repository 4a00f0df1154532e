namespace BuildRunner.Fakes;

/// <summary>A service that a test plays.</summary>
internal interface IFakeService
{
    FakeReply Handle(FakeRequest request);

    /// <summary>Answers the next request that matches, or all, by a reply of the test.</summary>
    /// <param name="match">Which requests.</param>
    /// <param name="reply">The reply.</param>
    /// <param name="acts">Whether the request has its effect.</param>
    /// <param name="stays">Whether all requests are answered so.</param>
    void Fail(Func<FakeRequest, bool> match, FakeReply reply, bool acts = false, bool stays = false);

    /// <summary>Tells it the address that it is served at.</summary>
    void ServeAt(Uri address)
    {
    }
}
